// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The address and port of a client.
package struct ClientAddress: Hashable, Sendable {
    /// An address of IPv6; one of IPv4 in the form that maps it (RFC 4291 §2.5.5.2).
    package struct Host: Hashable, Sendable {
        /// The first eight bytes.
        package let network: UInt64
        /// The last eight bytes.
        package let interface: UInt64

        /// What the last eight bytes of an address of IPv4 begin with.
        private static let mappedPrefix: UInt64 = 0xffff

        /// An address from its halves.
        package init(network: UInt64, interface: UInt64) { (self.network, self.interface) = (network, interface) }

        /// An address of IPv4.
        package init(ipv4 number: UInt32) {
            self.init(network: 0, interface: Self.mappedPrefix << 32 | UInt64(number))
        }

        /// The address of four or sixteen bytes; nil if there is another number of them.
        package init?(_ bytes: some Collection<UInt8>) {
            func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            switch bytes.count {
            case 4: self.init(ipv4: UInt32(number(bytes)))
            case 16: self.init(network: number(bytes.prefix(8)), interface: number(bytes.suffix(8)))
            default: return nil
            }
        }

        /// The address of IPv4, if it is one.
        package var ipv4: UInt32? {
            network == 0 && interface >> 32 == Self.mappedPrefix ? UInt32(truncatingIfNeeded: interface) : nil
        }
    }

    /// The address.
    package let host: Host
    /// The port.
    package let port: UInt16

    /// An address and a port.
    package init(_ host: Host, port: UInt16) { (self.host, self.port) = (host, port) }
}

extension ClientAddress: CustomStringConvertible {
    /// The address and port as people write them: `192.0.2.1:80`, `[2001:db8::1]:80`.
    package var description: String {
        guard let ipv4 = host.ipv4 else { return "[\(host)]:\(port)" }
        // Each line of the access log has one, so it is written at once.
        return unsafe String(unsafeUninitializedCapacity: Self.longestIPv4) { text in
            var length = 0
            func put(_ byte: UInt8) {
                unsafe text[length] = byte
                length += 1
            }
            func putDigits(_ number: UInt32) {
                if number >= 10 { putDigits(number / 10) }
                put(UInt8(ascii: "0") + UInt8(number % 10))
            }
            for shift in [24, 16, 8, 0] as [UInt32] {
                putDigits(ipv4 >> shift & 0xff)
                put(UInt8(ascii: shift > 0 ? "." : ":"))
            }
            putDigits(UInt32(port))
            return length
        }
    }

    /// `255.255.255.255:65535`, in bytes.
    private static let longestIPv4 = 21
}

extension ClientAddress.Host: CustomStringConvertible {
    /// The address as people write it: `192.0.2.1`, `2001:db8::1` (RFC 5952 §4).
    package var description: String {
        if let ipv4 { return [24, 16, 8, 0].map { "\(ipv4 >> $0 & 0xff)" }.joined(separator: ".") }
        let groups = [network, interface].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) }
        }
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros = Self.longestZeros(of: groups) else { return text(groups[...]) }
        return "\(text(groups[..<zeros.lowerBound]))::\(text(groups[zeros.upperBound...]))"
    }

    /// The longest run of at least two groups of zeros, the first of several (RFC 5952 §4.2); nil if there is none.
    private static func longestZeros(of groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<0
        for start in groups.indices {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.endIndex
            if end - start > longest.count { longest = start..<end }
        }
        return longest.count >= 2 ? longest : nil
    }
}
