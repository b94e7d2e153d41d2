// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// How an authority of `http` is written: a host, and perhaps a port (RFC 9110 §4.2.1, RFC 3986 §3.2).
///
/// That says nothing of whom it names: any host is answered, as gateways name servers in their own way.
package enum AuthoritySyntax {
    /// Whether bytes are a host that is not empty, and at most a port behind it; user information is none (RFC 9110 §4.2.4).
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard let end = endOfHost(bytes) else { return false }
        guard end < bytes.count else { return true }
        guard bytes[end] == UInt8(ascii: ":") else { return false }
        var port = 0
        for index in end + 1..<bytes.count {
            guard let digit = bytes[index].decimal else { return false }
            port = port * 10 + digit
            guard port <= UInt16.max else { return false }
        }
        return true
    }

    /// Whether a text is that.
    package static func isValid(_ text: String) -> Bool {
        unsafe text.utf8.withContiguousStorageIfAvailable { bytes in isValid(unsafe Span(_unsafeElements: bytes)) }
            ?? isValid(Array(text.utf8).span)
    }

    private static func endOfHost(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count > 0 else { return nil }
        if bytes[0] == UInt8(ascii: "[") {
            guard let end = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "]") }) else { return nil }
            return isAddress(bytes.extracting(1..<end)) ? end + 1 : nil
        }
        var index = 0
        while index < bytes.count, bytes[index] != UInt8(ascii: ":") {
            if bytes[index].isOfRegisteredName {
                index += 1
            } else if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, bytes[index + 1].isHexadecimalDigit,
                bytes[index + 2].isHexadecimalDigit
            {
                index += 3
            } else {
                return nil
            }
        }
        return index > 0 ? index : nil
    }

    /// What may stand in brackets: an IPv6 address (RFC 3986 §3.2.2), and none of a version that is to come.
    private static func isAddress(_ bytes: Span<UInt8>) -> Bool {
        var (groups, index, gap) = (0, 0, false)
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: ":") {
                // One colon stands between groups; two of them, once, for groups that are left out.
                let isDouble = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: ":")
                guard isDouble ? !gap : groups > 0 && index + 1 < bytes.count else { return false }
                gap = gap || isDouble
                index += isDouble ? 2 : 1
                guard index == bytes.count || bytes[index] != UInt8(ascii: ":") else { return false }
            }
            guard index < bytes.count else { break }
            let start = index
            while index < bytes.count, bytes[index].isHexadecimalDigit { index += 1 }
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                guard isIPv4(bytes.extracting(start...)) else { return false }
                groups += 2
                index = bytes.count
            } else {
                guard (1...4).contains(index - start) else { return false }
                groups += 1
            }
        }
        return gap ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ bytes: Span<UInt8>) -> Bool {
        var (numbers, digits, number) = (0, 0, 0)
        for index in bytes.indices {
            if let digit = bytes[index].decimal {
                guard digits == 0 || number > 0 else { return false }
                (number, digits) = (number * 10 + digit, digits + 1)
                guard number <= UInt8.max else { return false }
            } else {
                guard bytes[index] == UInt8(ascii: "."), digits > 0 else { return false }
                (numbers, digits, number) = (numbers + 1, 0, 0)
            }
        }
        return numbers == 3 && digits > 0
    }
}

extension UInt8 {
    /// What a digit stands for; nil for anything else.
    fileprivate var decimal: Int? { (48...57).contains(self) ? Int(self) - 48 : nil }

    /// Whether it is unreserved or a delimiter that a name may have (RFC 3986 §2.2, §2.3).
    fileprivate var isOfRegisteredName: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
            UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default:
            isAlphanumeric
        }
    }
}

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
