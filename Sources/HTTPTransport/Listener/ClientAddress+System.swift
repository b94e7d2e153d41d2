// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPService
internal import NIOCore

extension ClientAddress {
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
        guard let host = Host(bytes) else { return nil }
        self.init(host, port: UInt16(address.port ?? 0))
    }

    #if os(Linux)
    /// The address that accept(2) has given; nil if it is of neither family.
    init?(_ address: platform_address) {
        guard address.is_known != 0 else { return nil }
        self.init(Host(network: address.network, interface: address.interface), port: address.port)
    }
    #endif
}
