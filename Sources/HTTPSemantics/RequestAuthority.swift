// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Whom a client takes the server for: what it says in `Host` or `:authority` (RFC 9110 §7.2), if that is a host that a URL can
/// name.
package struct RequestAuthority: Equatable, Sendable {
    /// The name or the address, without brackets.
    package let host: String
    /// The port, where one is named.
    package let port: Int?

    /// Reads the field's value; nil for anything but a name or an address, with a port or without.
    package init?(_ text: String) {
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = String(decoding: bytes[..<end].dropFirst(), as: UTF8.self)
            guard host.utf8.contains(UInt8(ascii: ":")), host.utf8.allSatisfy(Self.isOfAddress) else { return nil }
            guard let port = Self.port(bytes[end...].dropFirst()) else { return nil }
            self.port = port
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            host = String(decoding: bytes[..<end], as: UTF8.self)
            guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(Self.isOfName) else { return nil }
            guard let port = Self.port(bytes[end...]) else { return nil }
            self.port = port
        }
    }

    /// What follows the host; nil if that is not a port, nil within if it is nothing.
    private static func port(_ rest: Substring.UTF8View) -> Int?? {
        guard let first = rest.first else { return .some(nil) }
        let digits = rest.dropFirst()
        guard first == UInt8(ascii: ":"), digits.allSatisfy({ (48...57).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
        else { return nil }
        return port
    }

    private static func isOfName(_ byte: UInt8) -> Bool { byte.isAlphanumeric || "-._".utf8.contains(byte) }

    private static func isOfAddress(_ byte: UInt8) -> Bool { byte.isHexadecimalDigit || ":.".utf8.contains(byte) }
}
