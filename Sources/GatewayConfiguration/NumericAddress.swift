// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A host that is an address, in any way in which resolvers take one: `127.0.0.1`, `127.1` and `0x7f000001` are the same.
enum NumericAddress: Hashable {
    case ipv4(UInt32)
    case ipv6([UInt16])

    /// The address that a host spells, without brackets; nil for a name.
    init?(_ host: String) {
        if host.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.ipv6(host) else { return nil }
            self = .ipv6(groups)
        } else {
            guard let number = Self.ipv4(host) else { return nil }
            self = .ipv4(number)
        }
    }

    /// The IPv4 address that is within an IPv6 address (RFC 4291 §2.5.5, RFC 6052 §2.1), or the address as it is.
    var unmapped: Self {
        guard case .ipv6(let groups) = self else { return self }
        let isIPv4 = [[0, 0, 0, 0, 0, 0xffff], [0x64, 0xff9b, 0, 0, 0, 0]].contains(Array(groups.prefix(6)))
        return isIPv4 ? .ipv4(UInt32(groups[6]) << 16 | UInt32(groups[7])) : self
    }

    /// One to four numbers, decimal, octal or hexadecimal, of which the last stands for all bytes that are left: inet_aton(3).
    private static func ipv4(_ host: String) -> UInt32? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap(number)
        guard (1...4).contains(parts.count), numbers.count == parts.count, let last = numbers.last else { return nil }
        let leading = numbers.dropLast()
        guard leading.allSatisfy({ $0 < 256 }), UInt64(last) < 1 << (8 * UInt64(5 - parts.count)) else { return nil }
        return leading.enumerated().reduce(last) { $0 | $1.element << UInt32(24 - 8 * $1.offset) }
    }

    private static func number(_ text: Substring) -> UInt32? {
        // A sign is none of the digits that these may have.
        guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
        if text.lowercased().hasPrefix("0x") {
            let digits = text.dropFirst(2)
            return digits.allSatisfy(\.isHexDigit) ? UInt32(digits, radix: 16) : nil
        }
        return UInt32(text, radix: first == UInt8(ascii: "0") && text.utf8.count > 1 ? 8 : 10)
    }

    /// Eight groups, of which `::` leaves out those that are 0, and the last two may be an IPv4 address (RFC 4291 §2.2); a zone
    /// may follow (RFC 4007 §11).
    private static func ipv6(_ host: String) -> [UInt16]? {
        let halves = host.prefix { $0 != "%" }.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = groups(halves[0], mayEndInIPv4: halves.count == 1),
            let tail = groups(halves.count == 1 ? "" : halves[1], mayEndInIPv4: true)
        else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 1 ? missing == 0 : missing > 0 else { return nil }
        return head + Array(repeating: 0, count: missing) + tail
    }

    private static func groups(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var last: [UInt16] = []
        if mayEndInIPv4, let end = parts.last, end.count(where: { $0 == "." }) == 3, !end.contains("x"),
            let number = ipv4(String(end))
        {
            parts.removeLast()
            last = [UInt16(number >> 16), UInt16(number & 0xffff)]
        }
        let groups = parts.compactMap { $0.allSatisfy(\.isHexDigit) ? UInt16($0, radix: 16) : nil }
        return groups.count == parts.count ? groups + last : nil
    }
}
