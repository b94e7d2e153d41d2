// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The beginning of a TLS handshake, as a client sends it that does not know that a port speaks plain HTTP (RFC 8446 §4.1.2).
package enum ClientHello {
    /// A record with a hello of TLS 1.2 that offers one suite.
    package static let bytes: [UInt8] = {
        let random = [UInt8](repeating: 0x5a, count: 32)
        let hello: [UInt8] = [0x03, 0x03] + random + [0x00, 0x00, 0x02, 0xc0, 0x2f, 0x01, 0x00, 0x00, 0x00]
        let handshake: [UInt8] = [0x01, 0x00, 0x00, UInt8(hello.count)] + hello
        return [0x16, 0x03, 0x01, 0x00, UInt8(handshake.count)] + handshake
    }()
}
