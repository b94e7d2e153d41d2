// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import ServerInterface

/// Asks every peer once which digests it can give.
package struct ListingRound: Sendable {
    /// What the lists of one round may take together before they are heard, in bytes.
    private static let maximumSize = 16 << 20
    /// How many digests of each list there is room for in any case.
    private static let share = 512

    /// Who has answered.
    struct Outcome: Sendable {
        /// Whether everyone who could be a peer has told everything.
        var heardAll: Bool
        /// Whether surely no peer serves anything yet: every address refused the connection.
        var isNobodyThere: Bool
        /// The longest round trip to a peer that has answered, up to what extends deadlines.
        var roundTrip = Duration.zero
    }

    /// A list that has come, and has not been heard.
    private struct Reading: Sendable {
        let reader: PeerListReader
        let roundTrip: Duration
        let reservation: MemoryReservation
    }

    private let directory: PeerDirectory
    private let client: PeerClient
    private let instance: String
    private let own: OwnAddresses
    private let observer: any PeerObserver
    private let deadline: Duration

    /// A round.
    ///
    /// - Parameters:
    ///   - directory: Tells who the peers are.
    ///   - client: Asks them.
    ///   - instance: The id of this process: who has it is no peer, but this server.
    ///   - own: Where this server is to be found once it listens.
    ///   - deadline: How long a peer may take.
    ///   - observer: Is told of every answer.
    package init(
        directory: PeerDirectory,
        client: PeerClient,
        instance: String,
        own: OwnAddresses,
        deadline: Duration = .seconds(1),
        observer: any PeerObserver
    ) {
        self.directory = directory
        self.client = client
        self.instance = instance
        self.own = own
        self.deadline = deadline
        self.observer = observer
    }

    /// Learns from all of them where they tell of their clients, and takes nothing else from them.
    package func learnOperationsPorts() async { _ = await run(withCallers: false) { _, _ in } }

    /// Asks all of them at once.
    ///
    /// - Parameters:
    ///   - hasCallers: Whether recent callers are asked, too: anyone can claim to be one.
    ///   - isListening: Whether this server listens already, so that it answers itself among its peers.
    ///   - receive: Is given each peer's list as soon as it has come.
    /// - Returns: Who has answered.
    @concurrent
    func run(
        withCallers hasCallers: Bool,
        isListening: Bool = true,
        _ receive: (Peer, [PeerList.Entry]) -> Void
    ) async -> Outcome {
        let members = await directory.members(withCallers: hasCallers)
        let shares = PeerDirectory.maximumCount * Self.share * PeerListReader.entrySize
        let memory = SharedBudget(Self.maximumSize - shares)
        return await withTaskGroup(of: (Peer, Result<Reading, PeerError>).self) { group in
            let known = Set(members.peers.map(\.address))
            var asked = known
            let callers = members.callers.map(\.peer).filter { asked.insert($0.address).inserted }
            for peer in (members.peers + callers).prefix(PeerDirectory.maximumCount) {
                group.addTask { (peer, await reading(of: peer, memory)) }
            }
            var outcome = Outcome(heardAll: members.areAll, isNobodyThere: members.areAll)
            var heard: Set<SocketAddress> = []
            var instances: Set<String> = [instance]
            for await (peer, reading) in group {
                do throws(PeerError) {
                    let reading = try reading.get()
                    let list = try Self.list(of: reading)
                    heard.insert(peer.address)
                    guard list.instance != instance else { continue }
                    if let other = list.instance { instances.insert(other) }
                    outcome.heardAll = outcome.heardAll && list.isComplete
                    outcome.isNobodyThere = false
                    directory.note(operationsPort: list.operationsPort, of: peer)
                    outcome.roundTrip = max(outcome.roundTrip, reading.roundTrip)
                    observer.peersDid(.listed(peer, count: list.entries.count))
                    receive(peer, list.entries)
                } catch {
                    guard known.contains(peer.address) else { continue }
                    // That is this server, which does not refuse itself for long.
                    if !isListening, error == .refused, own.contain(peer.address) { continue }
                    outcome.heardAll = false
                    outcome.isNobodyThere = outcome.isNobodyThere && error == .refused
                    if error != .cancelled { observer.peersDid(.listFailed(peer, error)) }
                }
            }
            // Whoever has asked is found elsewhere, too, if addresses are translated on the way from there.
            for (caller, peer) in members.callers
            where !instances.contains(caller.instance) && !heard.contains(peer.address) {
                outcome.heardAll = false
            }
            return outcome
        }
    }

    private static func list(of reading: Reading) throws(PeerError) -> PeerList {
        defer { reading.reservation.end() }
        return try reading.reader.list()
    }

    private func reading(of peer: Peer, _ memory: SharedBudget) async -> Result<Reading, PeerError> {
        let reservation = MemoryReservation(on: memory)
        do throws(PeerError) {
            let (reader, roundTrip) = try await client.get(
                ModuleIndex.path,
                from: peer,
                within: deadline,
                lengths: 0...ModuleIndex.maximumSize
            ) { content throws(PeerError) in
                (try await Self.read(content, reservation), content.roundTrip)
            }
            return .success(Reading(reader: reader, roundTrip: roundTrip, reservation: reservation))
        } catch {
            reservation.end()
            return .failure(error)
        }
    }

    /// Reads a list while there is room for its digests: a peer's share, and beyond it what others have left.
    private static func read(_ content: PeerContent, _ reservation: MemoryReservation) async throws(PeerError)
        -> PeerListReader
    {
        var reader = PeerListReader()
        while !reader.isFull, let chunk = try await content.next() {
            let before = reader.count
            try reader.read(chunk.readableBytesUInt8Span)
            let more = max(reader.count - share, 0) - max(before - share, 0)
            guard reservation.add(more * PeerListReader.entrySize) else { throw .tooLarge }
        }
        return reader
    }
}
