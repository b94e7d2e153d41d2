// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
package import ServerClient

/// Tells who the siblings are, by the names that were given for them.
package struct SiblingDirectory: Sendable {
    /// The most siblings that are asked.
    static let maximumCount = 64

    /// The siblings at one time.
    struct Members: Sendable {
        var siblings: [Sibling] = []
        /// Whether these are surely all.
        var areAll = true
    }

    private let peers: [ServerName]
    private let defaultPort: Int
    private let book: AddressBook
    private let observer: any SiblingObserver

    /// A directory of peers, whose names are looked up by the system's resolver.
    ///
    /// - Parameters:
    ///   - peers: The names.
    ///   - defaultPort: The port of those that name none.
    ///   - observer: Is told how looking them up goes.
    package init(peers: [ServerName], defaultPort: Int, observer: any SiblingObserver) {
        self.init(peers: peers, defaultPort: defaultPort, book: AddressBook(), observer: observer)
    }

    /// A directory whose names are looked up in a book.
    init(peers: [ServerName], defaultPort: Int, book: AddressBook, observer: any SiblingObserver) {
        self.peers = peers
        self.defaultPort = defaultPort
        self.book = book
        self.observer = observer
    }

    /// Who the siblings are now, each address once, in the order of the names.
    func members() async -> Members {
        let resolutions = await withTaskGroup(of: (Int, [Sibling], Bool).self) { group in
            for (index, peer) in peers.enumerated() {
                group.addTask {
                    let (siblings, areAll) = await siblings(at: peer)
                    return (index, siblings, areAll)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
        }
        var members = Members()
        var seen: Set<SocketAddress> = []
        for (_, siblings, areAll) in resolutions {
            members.siblings += siblings.filter { seen.insert($0.address).inserted }
            members.areAll = members.areAll && areAll
        }
        if members.siblings.count > Self.maximumCount {
            members.siblings.removeLast(members.siblings.count - Self.maximumCount)
            members.areAll = false
        }
        return members
    }

    private func siblings(at peer: ServerName) async -> (siblings: [Sibling], areAll: Bool) {
        let port = peer.port ?? defaultPort
        if peer.isAddress {
            guard let address = try? SocketAddress(ipAddress: peer.host, port: port) else { return ([], false) }
            return ([Sibling(address: address, hostName: nil)], true)
        }
        let resolution = await book.addresses(of: peer.host) { [observer] lookup in
            switch lookup {
            case .addresses(let addresses): observer.siblingsDid(.resolved(peer, count: addresses.count))
            case .failed(let reason): observer.siblingsDid(.resolutionFailed(peer, reason: reason))
            }
        }
        let siblings = resolution.addresses.compactMap { bytes in
            (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: port))
                .map { Sibling(address: $0, hostName: peer.host) }
        }
        return (siblings, resolution.isComplete)
    }
}
