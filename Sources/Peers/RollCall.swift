// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Asks every peer once which digests it can give.
package struct RollCall: Sendable {
    /// Where a peer lists its modules.
    private static let path = "/modules"
    /// What all documents of one round may take together before they are parsed, in bytes.
    private static let maximumSize = 16 << 20
    /// What each document may take of that in any case, in bytes: about 300 modules.
    private static let share = 64 << 10

    /// A document, as long as it has not been parsed.
    private struct Document: Sendable {
        let bytes: [UInt8]
        let charge: Charge
    }

    private let directory: PeerDirectory
    private let client: PeerClient
    private let instance: String
    private let observer: any PeerObserver
    private let deadline: Duration

    /// A roll call.
    ///
    /// - Parameters:
    ///   - directory: Tells who the peers are.
    ///   - client: Asks them.
    ///   - instance: The id of this process: who has it is no peer, but this server.
    ///   - deadline: How long a peer may take.
    ///   - observer: Is told of every answer.
    package init(
        directory: PeerDirectory,
        client: PeerClient,
        instance: String,
        deadline: Duration = .seconds(1),
        observer: any PeerObserver
    ) {
        self.directory = directory
        self.client = client
        self.instance = instance
        self.deadline = deadline
        self.observer = observer
    }

    /// Asks all of them at once.
    ///
    /// - Parameter hear: Is given each peer's list as soon as it has come.
    /// - Returns: Whether everyone who could be a peer has told everything.
    @concurrent
    func run(_ hear: (Peer, [PeerList.Entry]) -> Void) async -> Bool {
        let members = await directory.members()
        let memory = SharedBudget(Self.maximumSize - PeerDirectory.maximumCount * Self.share)
        return await withTaskGroup(of: (Peer, Result<Document, PeerError>).self) { group in
            for peer in members.peers {
                group.addTask { (peer, await document(of: peer, memory)) }
            }
            var heardAll = members.areAll
            // One document is parsed at a time: it takes a multiple of its size.
            for await (peer, document) in group {
                do throws(PeerError) {
                    let list = try Self.list(in: try document.get())
                    guard list.instance != instance else { continue }
                    heardAll = heardAll && list.isComplete
                    observer.peersDid(.listed(peer, count: list.entries.count))
                    hear(peer, list.entries)
                } catch {
                    heardAll = false
                    if error != .cancelled { observer.peersDid(.listFailed(peer, error)) }
                }
            }
            return heardAll
        }
    }

    private static func list(in document: Document) throws(PeerError) -> PeerList {
        defer { document.charge.end() }
        return try PeerList(document.bytes)
    }

    private func document(of peer: Peer, _ memory: SharedBudget) async -> Result<Document, PeerError> {
        let charge = Charge(on: memory)
        do throws(PeerError) {
            let bytes = try await client.get(
                Self.path,
                from: peer,
                within: deadline,
                lengths: 0...PeerList.maximumSize
            ) { content throws(PeerError) in
                try await Self.bytes(of: content, charge)
            }
            return .success(Document(bytes: bytes, charge: charge))
        } catch {
            charge.end()
            return .failure(error)
        }
    }

    /// Collects content while there is room: a peer's share, and beyond it what others have left.
    private static func bytes(of content: PeerContent, _ charge: Charge) async throws(PeerError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await content.next() {
            let beyond = max(bytes.count + chunk.readableBytes - share, 0) - max(bytes.count - share, 0)
            guard charge.add(beyond) else { throw .tooLarge }
            bytes += chunk.readableBytesView
        }
        return bytes
    }
}
