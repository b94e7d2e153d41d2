// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The first message of a TLS handshake, for a client that wants to know whether a port speaks TLS (RFC 8446 §4.1.2).
///
/// A server of TLS finds all in it that it needs, whatever its certificate: a handshake that is given up behind it is no
/// client's that was denied.
package enum ClientHello {
    /// A record with a hello of TLS 1.2 (RFC 5246 §7.4.1.2).
    package static let bytes: [UInt8] = {
        let random = [UInt8](repeating: 0x5a, count: 32)
        let hello: [UInt8] =
            [0x03, 0x03] + random + [0x00] + list16(suites) + [0x01, 0x00]
            + list([
                extending(10, by: list16(groups)), extending(11, by: [0x01, 0x00]),
                extending(13, by: list16(signatures)),
            ])
        let handshake = [0x01, 0x00] + list([hello])
        return [0x16, 0x03, 0x01] + list([handshake])
    }()

    /// ECDHE with ECDSA or RSA, and AES-GCM (RFC 5289 §3.2).
    private static let suites: [UInt16] = [0xc02b, 0xc02f, 0xc02c, 0xc030]
    /// x25519, secp256r1, secp384r1, secp521r1 (RFC 8446 §4.2.7).
    private static let groups: [UInt16] = [0x001d, 0x0017, 0x0018, 0x0019]
    /// ECDSA on each curve, RSA-PSS and PKCS#1 with SHA-256 to SHA-512, Ed25519 (RFC 8446 §4.2.3).
    private static let signatures: [UInt16] = [
        0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807,
    ]

    private static func extending(_ type: UInt8, by content: [UInt8]) -> [UInt8] { [0x00, type] + list([content]) }

    private static func list16(_ values: [UInt16]) -> [UInt8] {
        list([values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }])
    }

    /// A vector with its length in two bytes (RFC 8446 §3.4).
    private static func list(_ parts: [[UInt8]]) -> [UInt8] {
        let bytes = parts.flatMap(\.self)
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
    }
}
