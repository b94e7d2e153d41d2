// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A ClientHello of TLS 1.2 that a test makes (RFC 5246 §7.4.1.2): one suite, P-256, and further extensions.
struct TLSHello {
    /// The extensions behind those that a handshake needs, each with its type.
    var extensions: [(type: UInt8, content: [UInt8])] = []

    /// What follows the head of the message.
    var body: [UInt8] {
        let needed: [(type: UInt8, content: [UInt8])] = [(10, [0, 2, 0, 23]), (13, [0, 2, 4, 3])]
        let list: [UInt8] = (needed + extensions).flatMap { [0, $0.type] + Self.vector($0.content) }
        let random = [UInt8](repeating: 0x5a, count: 32)
        let versionAndRandom: [UInt8] = [3, 3] + random
        return versionAndRandom + [0, 0, 2, 0xc0, 0x2b, 1, 0] + Self.vector(list)
    }

    /// The message (RFC 5246 §7.4).
    var message: [UInt8] { [1, 0] + Self.vector(body) }

    /// A hello that offers protocols (RFC 7301 §3.1).
    static func offering(_ names: [[UInt8]]) -> TLSHello {
        TLSHello(extensions: [(16, vector(names.flatMap { [UInt8($0.count)] + $0 }))])
    }

    /// A hello that offers protocols whose names are text.
    static func offering(_ names: String...) -> TLSHello { offering(names.map { Array($0.utf8) }) }

    /// Records that carry a message, each with so much of it (RFC 5246 §6.2.1).
    static func records(_ message: [UInt8], of size: Int) -> [UInt8] {
        stride(from: 0, to: message.count, by: size).flatMap { start in
            [22, 3, 1] + vector(Array(message[start..<min(start + size, message.count)]))
        }
    }

    /// Bytes behind their number in two bytes.
    static func vector(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes }
}
