// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import HTTPService

/// The addresses that begin alike: `10.0.0.0/8`, `2001:db8::/32`, or one address (CIDR, RFC 4632 §3.1, RFC 4291 §2.3).
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let first: ClientAddress.Host
    /// How many bits they have in common, of 128: an address of IPv4 counts in the form that maps it.
    private let length: Int

    private static let mappedLength = 96

    /// The range that a text spells.
    ///
    /// - Throws: ``AddressRangeError`` with the reason and the remedy.
    package init(_ text: String) throws(AddressRangeError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = ClientAddress.Host(text: String(parts[0])) else {
            throw AddressRangeError(
                text,
                "has no address",
                "write an address or a network, such as 10.0.0.0/8 or 2001:db8::/32"
            )
        }
        let isIPv4 = address.ipv4 != nil && !parts[0].contains(":")
        let longest = isIPv4 ? 32 : 128
        guard parts.count == 2 else {
            (first, length) = (address, 128)
            return
        }
        guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(parts[1]), count <= longest else {
            throw AddressRangeError(
                text,
                "has no number of bits from 0 to \(longest) behind the slash",
                "write an address or a network, such as 10.0.0.0/8 or 2001:db8::/32"
            )
        }
        length = count + (isIPv4 ? Self.mappedLength : 0)
        first = address.masked(to: length)
        guard first == address else {
            throw AddressRangeError(
                text,
                "has an address within the network, and not the network's",
                "write \(first)/\(count), or leave out /\(count) to name this address alone"
            )
        }
    }

    /// Whether an address is one of them.
    package func contains(_ address: ClientAddress.Host) -> Bool { address.masked(to: length) == first }

    /// The range as people write it.
    package var description: String {
        guard length < 128 else { return "\(first)" }
        return "\(first)/\(first.ipv4 == nil || length < Self.mappedLength ? length : length - Self.mappedLength)"
    }
}

/// Why a text is no range of addresses.
package struct AddressRangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text, the reason, and what a person can do about it.
    package let description: String

    init(_ text: String, _ reason: String, _ remedy: String) { description = "\(text): \(reason); \(remedy)" }
}

extension ClientAddress.Host {
    /// The address that a text spells, without a zone; nil if it is none.
    init?(text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe platform_parse_address(text, &bytes)
        // A C string ends at a NUL.
        guard count > 0, !text.utf8.contains(0) else { return nil }
        self.init(bytes.prefix(Int(count)))
    }

    /// Its first bits; the others are 0.
    fileprivate func masked(to length: Int) -> Self {
        func mask(_ count: Int) -> UInt64 { count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count)) }
        return Self(network: network & mask(length), interface: interface & mask(length - 64))
    }
}
