// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Whose connections are counted together: those of an IPv4 address, or of the /64 that one IPv6 host has to itself (RFC 7421).
enum ClientNetwork: Hashable {
    /// An IPv4 address, also one that came as IPv6 (RFC 4291 §2.5.5.2).
    case address(UInt32)
    /// The first eight bytes of an IPv6 address.
    case prefix(UInt64)
    /// It has no address.
    case unknown

    /// The network of a client.
    init(_ address: SocketAddress?) {
        guard let address, let bytes = Self.bytes(of: address) else {
            self = .unknown
            return
        }
        let isMapped = bytes.count == 16 && bytes[..<12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        self =
            bytes.count == 4 || isMapped
            ? .address(bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
            : .prefix(bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The four or sixteen bytes of an address, which stand behind the port (RFC 3493 §3.3); nil if it is no IP address.
    private static func bytes(of address: SocketAddress) -> [UInt8]? {
        let (offset, count): (Int, Int)
        switch address {
        case .v4: (offset, count) = (4, 4)
        case .v6: (offset, count) = (8, 16)
        case .unixDomainSocket: return nil
        }
        return unsafe address.withSockAddr { pointer, size in
            let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
            return unsafe Array(bytes.dropFirst(offset).prefix(count))
        }
    }
}

extension SocketAddress {
    /// The prefix of an IPv4 address on a socket that serves both families (RFC 4291 §2.5.5.2).
    private static var mappedPrefix: String { "::ffff:" }

    /// The address and port as people write them: `192.0.2.1:80`, `[2001:db8::1]:80`.
    var hostAndPort: String {
        guard let address = ipAddress, let port else { return description }
        if address.hasPrefix(Self.mappedPrefix), address.contains(".") {
            return "\(address.dropFirst(Self.mappedPrefix.count)):\(port)"
        }
        return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
