// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
package import ServerClient
internal import Synchronization

/// Tells who the peers are, by the names that were given for them, and by who has asked as one.
package struct PeerDirectory: Sendable {
    /// The most peers that are asked.
    package static let maximumCount = 64

    /// The peers at one time.
    struct Members: Sendable {
        var peers: [Peer] = []
        /// The names that may lead to others besides.
        var doubtful: [ServerName] = []
        /// Whether these are surely all that the names lead to.
        var areAll: Bool { doubtful.isEmpty }
        /// Who has asked as a peer, and where each may be found.
        var callers: [(caller: RecentCallers.Caller, peer: Peer)] = []
    }

    /// What the peers are called.
    let names: [ServerName]
    private let defaultPort: Int
    private let resolver: CachingResolver
    private let callers: RecentCallers
    private let operationsPorts = OperationsPorts()
    private let observer: any PeerObserver

    /// A directory of peers, whose names are looked up by the system's resolver.
    ///
    /// - Parameters:
    ///   - names: Their names.
    ///   - defaultPort: The port of those that name none.
    ///   - callers: Who has asked as a peer.
    ///   - observer: Is told how looking them up goes.
    package init(names: [ServerName], defaultPort: Int, callers: RecentCallers, observer: any PeerObserver) {
        self.init(
            names: names,
            defaultPort: defaultPort,
            resolver: CachingResolver(),
            callers: callers,
            observer: observer
        )
    }

    /// A directory whose names a resolver looks up.
    init(
        names: [ServerName],
        defaultPort: Int,
        resolver: CachingResolver = CachingResolver(),
        callers: RecentCallers = RecentCallers(),
        observer: any PeerObserver
    ) {
        self.names = names
        self.defaultPort = defaultPort
        self.resolver = resolver
        self.callers = callers
        self.observer = observer
    }

    /// Who the peers are now, each address once, in the order of the names.
    ///
    /// - Parameter hasCallers: Whether recent callers are included.
    /// - Returns: Who they are.
    func members(withCallers hasCallers: Bool) async -> Members {
        let resolutions = await withTaskGroup(of: (Int, [Peer], Bool).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask {
                    let (peers, areAll) = await peers(at: name)
                    return (index, peers, areAll)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
        }
        var members = Members()
        var seen: Set<SocketAddress> = []
        for (index, peers, areAll) in resolutions {
            members.peers += peers.filter { seen.insert($0.address).inserted }
            let excess = max(members.peers.count - Self.maximumCount, 0)
            members.peers.removeLast(excess)
            if !areAll || excess > 0 { members.doubtful.append(names[index]) }
        }
        if hasCallers, let name = names.first(where: { !$0.isAddress }) ?? names.first {
            members.callers = callers.all.compactMap { caller in
                (try? SocketAddress(ipAddress: caller.host, port: name.port ?? defaultPort))
                    .map { (caller, Peer(address: $0, hostName: name.isAddress ? nil : name.host)) }
            }
        }
        return members
    }

    // MARK: Operations ports

    /// Notes where a peer says that it tells of its clients.
    func note(operationsPort port: Int?, of peer: Peer) { operationsPorts.note(port, of: peer) }

    /// A peer's operations port.
    ///
    /// - Parameters:
    ///   - peer: The peer.
    ///   - port: The port unless it has told another: replicas are mostly alike.
    /// - Returns: The same peer, there.
    package func operations(of peer: Peer, at port: Int) -> Peer {
        let port = operationsPorts.port(of: peer) ?? port
        let address = peer.address.ipAddress.flatMap { try? SocketAddress(ipAddress: $0, port: port) }
        return Peer(address: address ?? peer.address, hostName: peer.hostName)
    }

    private func peers(at name: ServerName) async -> (peers: [Peer], areAll: Bool) {
        let port = name.port ?? defaultPort
        if name.isAddress {
            guard let address = try? SocketAddress(ipAddress: name.host, port: port) else { return ([], false) }
            return ([Peer(address: address, hostName: nil)], true)
        }
        let resolution = await resolver.addresses(of: name.host) { [observer] lookup in
            switch lookup {
            case .addresses(let addresses): observer.peersDid(.resolved(name, count: addresses.count))
            case .failed(let reason): observer.peersDid(.resolutionFailed(name, reason: reason))
            }
        }
        let peers = resolution.addresses.compactMap { bytes in
            (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: port))
                .map { Peer(address: $0, hostName: name.host) }
        }
        return (peers, resolution.isComplete)
    }
}

/// Where peers have said that they tell of their clients.
private final class OperationsPorts: Sendable {
    private let ports = Mutex<[SocketAddress: Int]>([:])

    func note(_ port: Int?, of peer: Peer) {
        ports.withLock { ports in
            // Peers come and go.
            if ports.count >= 2 * PeerDirectory.maximumCount { ports = [:] }
            ports[peer.address] = port
        }
    }

    func port(of peer: Peer) -> Int? { ports.withLock { $0[peer.address] } }
}

/// Another server of the same modules: an address, and the name that led to it.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    /// Where it listens.
    package let address: SocketAddress
    /// What its certificate has to name; nil if it was named by its address.
    package let hostName: String?

    /// The address and the port, `192.0.2.1:8082` or `[2001:db8::1]:8082`.
    package var description: String {
        guard let host = address.ipAddress, let port = address.port else { return address.description }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What the `Host` field says (RFC 9110 §7.2).
    var authority: String {
        guard let hostName, let port = address.port else { return description }
        return "\(hostName):\(port)"
    }
}
