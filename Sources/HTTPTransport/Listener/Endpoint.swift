// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOPosix
internal import ServerClient

/// Where to listen.
package struct Endpoint: Hashable, Sendable {
    /// An address or a name of this machine; nil for every address of both families.
    package let host: String?
    /// A port; 0 for any that is free.
    package let port: Int

    /// An endpoint from its parts.
    package init(host: String?, port: Int) {
        self.host = host
        self.port = port
    }

    /// Opens the port at the first of the endpoint's addresses that this machine has.
    ///
    /// Addresses are never looked up: where no interface has an address of its family, getaddrinfo(3) may refuse even
    /// one that is written out (AI_ADDRCONFIG).
    func bind<Port>(_ open: (SocketAddress) async throws -> Port) async throws(BindError) -> Port {
        var cause = BindError.Cause.missingAddress
        for address in try await addresses() {
            do {
                return try await open(address)
            } catch {
                cause = BindError.Cause(error)
            }
            guard cause == .missingAddress else { break }
        }
        throw BindError(endpoint: self, cause: cause)
    }

    /// Why the port could not be opened now, for which it is opened and closed again without answering anyone; nil if it could be.
    package func obstacle() async -> BindError? {
        do throws(BindError) {
            try await bind { address in
                try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(to: address).get().close()
            }
            return nil
        } catch {
            return error
        }
    }

    /// The addresses to try, in this order.
    ///
    /// | host | addresses |
    /// |-|-|
    /// | none | all of both families; where the machine has no IPv6, all of IPv4 |
    /// | an address | that one |
    /// | a name | its addresses, those of IPv4 first, as Go's `net.Listen` does: `localhost` is 127.0.0.1 |
    private func addresses() async throws(BindError) -> [SocketAddress] {
        guard let host else { return ["::", "0.0.0.0"].compactMap { try? SocketAddress(ipAddress: $0, port: port) } }
        if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
        // An address of an interface that there is not; no name has a colon.
        guard !host.utf8.contains(UInt8(ascii: ":")) else { return [] }
        var reason: String?
        var addresses: [SocketAddress] = []
        switch try? await NIOThreadPool.singleton.runIfActive({ HostLookup.blocking(host) }) {
        case .addresses(let found)?:
            addresses = found.compactMap { try? SocketAddress(packedIPAddress: ByteBuffer(bytes: $0), port: port) }
        case .failed(let failure)?: reason = failure
        case nil: break
        }
        guard !addresses.isEmpty else { throw BindError(endpoint: self, cause: .unknownName(reason: reason)) }
        return addresses.filter { $0.protocol == .inet } + addresses.filter { $0.protocol != .inet }
    }
}
