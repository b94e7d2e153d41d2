// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// The address and port of a client.
struct ClientAddress: Hashable, Sendable {
    /// An address of IPv6; one of IPv4 in the form that maps it (RFC 4291 §2.5.5.2).
    struct Host: Hashable, Sendable {
        /// The first eight bytes.
        let network: UInt64
        /// The last eight bytes.
        let interface: UInt64

        private static let mappedPrefix: UInt64 = 0xffff

        fileprivate init(ipv4 number: UInt64) { (network, interface) = (0, Self.mappedPrefix << 32 | number) }

        fileprivate init(_ network: UInt64, _ interface: UInt64) {
            (self.network, self.interface) = (network, interface)
        }

        /// The address of IPv4, if it is one.
        var ipv4: UInt32? {
            network == 0 && interface >> 32 == Self.mappedPrefix ? UInt32(truncatingIfNeeded: interface) : nil
        }
    }

    /// The address.
    let host: Host
    /// The port.
    let port: UInt16

    /// The address of four or sixteen bytes; nil if there is another number of them.
    init?(_ bytes: some Collection<UInt8>, port: UInt16) {
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: host = Host(ipv4: number(bytes))
        case 16: host = Host(number(bytes.prefix(8)), number(bytes.suffix(8)))
        default: return nil
        }
        self.port = port
    }

    /// The address that SwiftNIO knows; nil if it is no IP address.
    init?(_ address: SocketAddress) {
        // The address stands behind the port (RFC 3493 §3.3).
        let (offset, count): (Int, Int)
        switch address {
        case .v4: (offset, count) = (4, 4)
        case .v6: (offset, count) = (8, 16)
        case .unixDomainSocket: return nil
        }
        let bytes = unsafe address.withSockAddr { pointer, size in
            unsafe Array(UnsafeRawBufferPointer(start: pointer, count: size).dropFirst(offset).prefix(count))
        }
        self.init(bytes, port: UInt16(address.port ?? 0))
    }

    #if os(Linux)
    /// The address that accept(2) has given; nil if it is of neither family.
    init?(_ address: platform_address) {
        var address = address
        let port = address.port
        let count = Int(address.length)
        let bytes = unsafe withUnsafeBytes(of: &address.bytes) { unsafe Array($0.prefix(count)) }
        self.init(bytes, port: port)
    }
    #endif
}

extension ClientAddress: CustomStringConvertible {
    /// The address and port as people write them: `192.0.2.1:80`, `[2001:db8::1]:80`.
    var description: String {
        guard let ipv4 = host.ipv4 else { return "[\(ipv6Text)]:\(port)" }
        // Each connection has one, so it is written at once.
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

    private var ipv6Text: String {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(host.network, host.interface)
        return (try? SocketAddress(packedIPAddress: bytes, port: 0).ipAddress) ?? "unknown"
    }
}
