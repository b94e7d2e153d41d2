// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Fleet
internal import HTTPSemantics
internal import HTTPService
internal import Operations
internal import Peers
internal import ServerClient
internal import ServerInterface
internal import ServiceLifecycle
internal import Synchronization

/// Learns from peers who has fetched from them, and tells them who has from this server: so each answers for all, and what one knew
/// survives its restart.
final class FleetExchange: Service {
    /// What is known of one peer's news.
    fileprivate struct Source {
        var instance = ""
        var revision = 0
        var lastTold: Int64?
        /// Whether it knows more than it has been asked for.
        var hasMore = false
        /// By how many seconds its clock is ahead of this server's.
        var clockLead: Int64 = 0
        var failure: PeerError?
        /// Whether it serves modules, though it does not tell.
        var runs = false
    }

    private struct State {
        /// What is known of each peer, by its address.
        var sources: [String: Source] = [:]
        /// The names that may lead to peers who are not known, and why.
        var doubtful: [(name: ServerName, reason: String)]
    }

    private let fleet: Fleet
    private let instance: String
    private let operationsPort: Int
    private let round: any PeerDocuments
    private let report: @Sendable (Peer, PeerError?) -> Void
    private let now: @Sendable () -> HTTPDate
    private let state: Mutex<State>
    /// Who waits for news, by what they know already.
    private let waiting = Mutex<[Int: [DeferredResponse]]>([:])
    private let documents = DocumentVersions(limit: mostBytes)
    private let thread = DedicatedThread(label: "wasm-server.news")

    /// How often peers are asked.
    private static let period = Duration.seconds(5)
    /// How many peers are asked at a time: one that does not answer must not keep the others waiting.
    private static let askedAtATime = 8
    /// How often a peer is asked at once for more; the rest comes in the next round.
    private static let mostParts = 4
    fileprivate static let notAsked = "it has not been asked yet"
    /// How many may wait for an answer; more are told to ask again.
    private static let mostWaiting = 256
    /// How many bytes may be on their way to peers.
    private static let mostBytes = 16 << 20

    /// An exchange.
    ///
    /// - Parameters:
    ///   - fleet: What is known here.
    ///   - instance: Tells this process from its peers.
    ///   - round: Asks them.
    ///   - operationsPort: The port of peers that have told none.
    ///   - report: Is told of each question to a peer, and why it was not answered.
    ///   - now: Tells the present.
    init(
        _ fleet: Fleet,
        instance: String,
        _ round: any PeerDocuments,
        operationsPort: Int,
        report: @escaping @Sendable (Peer, PeerError?) -> Void = { _, _ in },
        now: @escaping @Sendable () -> HTTPDate
    ) {
        (self.fleet, self.instance, self.report, self.now) = (fleet, instance, report, now)
        (self.round, self.operationsPort) = (round, operationsPort)
        state = Mutex(State(doubtful: round.names.map { ($0, Self.notAsked) }))
    }

    /// Asks peers until a graceful shutdown reaches it.
    func run() async {
        await cancelWhenGracefulShutdown {
            repeat { await self.askAll() } while (try? await Task.sleep(for: Self.period)) != nil
        }
    }

    /// The other replicas, in the order of their addresses; and behind them names that may lead to more.
    var replicas: [FleetDocument.Replica] {
        state.withLock { state in
            let others = state.sources.filter { $0.value.instance != instance }.sorted { $0.key < $1.key }
            return others.map { address, source in
                FleetDocument.Replica(
                    address: address,
                    state: source.state,
                    lastTold: source.lastTold.map(Timestamp.text),
                    failure: source.reason,
                    clockLead: source.tellableLead
                )
            }
                + state.doubtful.map { name, reason in
                    .init(address: name.description, state: FleetDocument.silent, lastTold: nil, failure: reason)
                }
        }
    }

    /// Asks every peer once; those of whom nothing is known yet are known not to have told.
    func askAll() async {
        let (peers, doubtful) = await round.peers(at: operationsPort)
        state.withLock { state in
            // Who is gone tells nothing any more.
            let addresses = peers.map(\.peer.description)
            state.sources = Dictionary(addresses.map { ($0, state.sources[$0] ?? Source()) }) { $1 }
            state.doubtful = doubtful.map {
                ($0, "its addresses are not all known; check the name, and that it has no more than are asked")
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for (index, peer) in peers.enumerated() {
                if index >= Self.askedAtATime { await group.next() }
                group.addTask { await self.ask(peer) }
            }
        }
    }

    private func ask(_ operations: OperationsPeer) async {
        let (peer, address) = (operations.peer, operations.peer.description)
        for _ in 0..<Self.mostParts {
            let source = state.withLock { $0.sources[address] ?? Source() }
            do throws(PeerError) {
                let target = FleetNews.target(after: source.revision, of: source.instance)
                let document = try await round.document(target, from: peer, maximumSize: FleetNews.maximumSize)
                guard let news = FleetNews(document) else {
                    throw .malformed("it is not what replicas tell of clients")
                }
                if news.instance != instance { fleet.merge(news, from: address) }
                let present = now().seconds
                let told = Source(
                    instance: news.instance,
                    revision: news.revision,
                    lastTold: present,
                    hasMore: news.hasMore,
                    clockLead: news.time.map { $0.subtractingReportingOverflow(present).partialValue } ?? 0
                )
                note(address, told)
                report(peer, nil)
                guard news.hasMore, news.revision > source.revision || news.instance != source.instance else { return }
            } catch {
                guard error != .cancelled else { return }
                var failed = source
                failed.failure = error
                // Where a network policy rejects connections, nobody seems to listen.
                failed.runs = error == .refused ? await round.listens(operations.lister) : false
                report(peer, error)
                return note(address, failed)
            }
        }
    }

    private func note(_ address: String, _ source: Source) {
        state.withLock { $0.sources[address] = source }
    }
}

extension FleetExchange.Source {
    /// Why not all that it knows is known here; nil if it is.
    fileprivate var reason: String? {
        if let failure, failure == .refused, runs {
            return
                "its operations port refuses this server, though somebody listens at its port of modules; check network policies"
        }
        if let failure { return failure.words }
        if lastTold == nil { return FleetExchange.notAsked }
        return hasMore ? "it has more to tell than it has been asked for yet" : nil
    }

    /// The ``FleetDocument/Replica/state``.
    fileprivate var state: String {
        guard let failure, !runs else { return reason == nil ? FleetDocument.told : FleetDocument.silent }
        return failure.stateOfReplica
    }

    /// By how many seconds its clock is ahead, if that is more than it takes to ask; nil if it is not.
    fileprivate var tellableLead: Int64? { (-2...2).contains(clockLead) ? nil : clockLead }
}

extension FleetExchange: OperationsDocument {
    func answer(to request: Request) -> DeferredResponse {
        let response = DeferredResponse()
        let revision = FleetNews.revision(in: request.query, of: instance)
        let (isFull, isFirst) = waiting.withLock { waiting in
            guard waiting.values.reduce(0, { $0 + $1.count }) < Self.mostWaiting else { return (true, false) }
            waiting[revision, default: []].append(response)
            return (false, waiting[revision]?.count == 1)
        }
        if isFull {
            response.deliver(.problem(.serviceUnavailable, detail: "Too many ask for this at a time; ask again."))
        } else if isFirst {
            thread.perform { self.tell(after: revision) }
        }
        return response
    }

    /// Answers everyone who waits for the same news with one document.
    private func tell(after revision: Int) {
        let askers = waiting.withLock { $0.removeValue(forKey: revision) ?? [] }
        let response: Response
        if documents.haveRoom {
            let news = fleet.news(after: revision, of: instance).encoded()
            response = .document(.ok, "application/json", documents.next(news))
        } else {
            response = .problem(.serviceUnavailable, detail: "Too much of this is being sent; ask again.")
        }
        for asker in askers { asker.deliver(response) }
    }
}

extension PeerError {
    /// What it says of a replica: where nobody listens, nobody fetches; for any other reason it is there and silent.
    var stateOfReplica: String { self == .refused ? FleetDocument.gone : FleetDocument.silent }
}
