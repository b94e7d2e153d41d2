// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient

/// Which address of this machine the ports are opened at.
struct ListeningHost: Equatable {
    /// An address, or a name that stands for one; nil for every address of both families.
    let address: String?

    /// The host that a text spells: `*`, an address, with the brackets that it has in a URL or without, or a name; nil
    /// if it spells none.
    ///
    /// Resolvers take more for an address than it looks like: `0` is every address, `127.1` and `0x7f.1` are the
    /// loopback. What ends in a number is an address of four decimal numbers, or nothing (as in URLs:
    /// <https://url.spec.whatwg.org/#ends-in-a-number-checker>).
    init?(_ text: String) {
        guard text != "*" else {
            address = nil
            return
        }
        let (host, zone) = Self.parts(of: text)
        guard let name = try? ServerName(host), name.port == nil else { return nil }
        let isIPv6 = name.host.utf8.contains(UInt8(ascii: ":"))
        guard name.isAddress || !Self.endsInNumber(name.host), isIPv6 || zone == nil else { return nil }
        guard !name.isAddress || !Self.isOfMany(name.host) else { return nil }
        address = name.host + (zone.map { "%\($0)" } ?? "")
    }

    /// The host without brackets, and the interface that a link-local address is meant at (RFC 4007 §11).
    private static func parts(of text: String) -> (host: String, zone: String?) {
        let isBracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.allSatisfy(isOfInterfaceName) else {
            return (isBracketed ? text : host, nil)
        }
        return (String(parts[0]), String(parts[1]))
    }

    /// Whether an address is not that of one machine: multicast (RFC 5771, RFC 4291 §2.7) or broadcast (RFC 919).
    ///
    /// It can be listened at, and nobody can connect.
    private static func isOfMany(_ address: String) -> Bool {
        let groups = address.split(separator: ":", omittingEmptySubsequences: false)
        guard groups.count == 1 else {
            let isMulticast = groups[0].count == 4 && groups[0].lowercased().hasPrefix("ff")
            return isMulticast || groups.last.map { $0.contains(".") && isOfMany(String($0)) } ?? false
        }
        let octets = address.split(separator: ".").compactMap { UInt8($0) }
        return (224...239).contains(octets.first ?? 0) || octets.allSatisfy { $0 == .max }
    }

    private static func isOfInterfaceName(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "%")
    }

    private static func endsInNumber(_ name: String) -> Bool {
        name.split(separator: ".").last?.wholeMatch(of: /[0-9]+|0[xX][0-9a-fA-F]*/) != nil
    }
}
