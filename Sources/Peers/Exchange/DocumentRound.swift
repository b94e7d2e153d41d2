// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
package import ServerClient
internal import ServerInterface

/// Asks peers for documents of their operations ports.
package protocol PeerDocuments: Sendable {
    /// What the peers are called.
    var names: [ServerName] { get }

    /// The operations ports of the peers as they are now, this server's among them if it is named as a peer.
    ///
    /// - Parameter port: The port of those that have told none.
    /// - Returns: Each of them, and the names that may lead to others besides.
    func peers(at port: Int) async -> (peers: [OperationsPeer], doubtful: [ServerName])

    /// Asks one of them.
    ///
    /// - Parameters:
    ///   - target: The path and query.
    ///   - peer: Who is asked.
    ///   - maximumSize: The largest document that is taken, in bytes.
    /// - Returns: The document.
    /// - Throws: ``PeerError``, for anything but an answer with status 200 and all of its content.
    func document(_ target: String, from peer: Peer, maximumSize: Int) async throws(PeerError) -> [UInt8]

    /// Whether anybody listens at a peer's address.
    func listens(_ peer: Peer) async -> Bool
}

/// A peer at its operations port.
package struct OperationsPeer: Sendable {
    /// Where it tells.
    package let peer: Peer
    /// Where it has its modules.
    package let lister: Peer

    /// A peer at its two ports.
    package init(_ peer: Peer, lister: Peer) { (self.peer, self.lister) = (peer, lister) }
}

/// Asks peers over the network, each for no longer than it may take.
package struct DocumentRound: PeerDocuments {
    private let directory: PeerDirectory
    private let client: PeerClient
    private let deadline: Duration

    /// A round.
    ///
    /// - Parameters:
    ///   - directory: Tells who the peers are.
    ///   - client: Asks them.
    ///   - deadline: How long a peer may take.
    package init(directory: PeerDirectory, client: PeerClient, deadline: Duration = .seconds(2)) {
        (self.directory, self.client, self.deadline) = (directory, client, deadline)
    }

    package var names: [ServerName] { directory.names }

    package func peers(at port: Int) async -> (peers: [OperationsPeer], doubtful: [ServerName]) {
        let members = await directory.members(withCallers: false)
        let peers = members.peers.map {
            OperationsPeer(directory.operations(of: $0, at: port), lister: $0)
        }
        return (peers, members.doubtful)
    }

    package func document(
        _ target: String,
        from peer: Peer,
        maximumSize: Int
    ) async throws(PeerError) -> [UInt8] {
        try await client.get(target, from: peer, within: deadline, lengths: 0...maximumSize) {
            content throws(PeerError) in
            var bytes: [UInt8] = []
            while let chunk = try await content.next() { bytes += chunk.readableBytesView }
            return bytes
        }
    }

    package func listens(_ peer: Peer) async -> Bool {
        do throws(PeerError) {
            // Whatever is answered, even that it speaks TLS, comes from somebody.
            try await client.get(InterfacePath.health, from: peer, within: deadline, lengths: 0...1024) {
                content throws(PeerError) in
                while try await content.next() != nil {}
            }
            return true
        } catch {
            return error != .refused && error != .unreachable
        }
    }
}
