// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ModuleCatalog
internal import ServerClient
internal import Synchronization

/// Gives a server what its peers have: a digest that they announced can be asked of it, at once and when they are gone.
package struct Adoption: Sendable {
    private let listingRound: ListingRound
    private let client: PeerClient
    private let store: any ModuleStore
    private let observer: any PeerObserver
    private let timing: PeerFetch.Timing
    private let pause: Duration

    /// How many round trips more a peer that is far away has for what it gives: as many as TCP needs for a few megabytes, and
    /// for TLS.
    private static let roundTrips = 20

    /// An adoption.
    ///
    /// - Parameters:
    ///   - listingRound: Asks the peers what they can give.
    ///   - client: Fetches it.
    ///   - store: Serves what was fetched.
    ///   - observer: Is told what happens, and at last the ``AdoptionReport``.
    package init(listingRound: ListingRound, client: PeerClient, store: any ModuleStore, observer: any PeerObserver) {
        self.init(listingRound: listingRound, client: client, store: store, observer: observer, timing: .init())
    }

    /// An adoption whose fetches take as long as they are told to, and that asks again after a pause while nobody answers.
    init(
        listingRound: ListingRound,
        client: PeerClient,
        store: any ModuleStore,
        observer: any PeerObserver,
        timing: PeerFetch.Timing,
        pause: Duration = .milliseconds(250)
    ) {
        self.listingRound = listingRound
        self.client = client
        self.store = store
        self.observer = observer
        self.timing = timing
        self.pause = pause
    }

    /// Gives a new server what peers serve and keep, before it is ready.
    ///
    /// They are asked until somebody answers, or it is known that nobody is there: names and networks take a moment to know a
    /// new pod. Since a network can refuse connections at first, too, that is believed the second time.
    ///
    /// - Parameter limit: How long it may take, without round trips to peers that are far away.
    package func adopt(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        var report = await take(.everything, within: limit)
        var wasNobodyThere = false
        while report.answeredCount == 0, !report.ranOutOfTime, !(report.isNobodyThere && wasNobodyThere) {
            wasNobodyThere = report.isNobodyThere
            guard (try? await Task.sleep(for: pause)) != nil else { break }
            report = await take(.everything, within: end - .now)
        }
        observer.peersDid(.adopted(report))
    }

    /// Gives a server that is ready what peers have begun to serve or keep since, before anyone asks for it.
    ///
    /// - Parameter limit: How long it may take.
    package func follow(within limit: Duration) async {
        let report = await take(.lasting(since: store.earliestUse), within: limit)
        if report.leftOutCount > 0 { observer.peersDid(.leftOut(report.leftOutCount)) }
    }

    /// Fetches what peers have and this server lacks, while there is room and time.
    ///
    /// 1. Every peer is asked what it has; there may be none.
    /// 2. Digests are fetched a few at a time, in the order of the ``AdoptionPlan``.
    /// 3. When the time is up, the fetches under way are cancelled, and the slow peers are reported.
    private func take(_ scope: AdoptionPlan.Scope, within limit: Duration) async -> AdoptionReport {
        let progress = Progress(scope)
        let isDone = await withTimeLimit(limit, extendedBy: { progress.distance.withLock(\.self) }) {
            await work(progress)
        }
        let (report, slow) = progress.plan.withLock { plan in
            if !isDone { plan.runOutOfTime { store.blob(of: $0) != nil } }
            return (plan.report, isDone ? [] : plan.slowAttempts)
        }
        for (peer, digest) in slow { observer.peersDid(.fetchFailed(peer, digest, .timeout)) }
        return report
    }

    /// What the fetches share.
    private final class Progress: Sendable {
        let plan: Mutex<AdoptionPlan>
        /// How much more time the peers that have answered get for their distance.
        let distance = Mutex(Duration.zero)
        let scope: AdoptionPlan.Scope

        /// Whether this server listens already.
        var isListening: Bool {
            if case .lasting = scope { true } else { false }
        }

        init(_ scope: AdoptionPlan.Scope) {
            plan = Mutex(AdoptionPlan(scope))
            self.scope = scope
        }
    }

    private func work(_ progress: Progress) async {
        let outcome = await listingRound.run(withCallers: false, isListening: progress.isListening) { peer, entries in
            progress.plan.withLock { $0.receive(entries, from: peer) }
        }
        guard !Task.isCancelled else { return }
        let distance = outcome.roundTrip * Self.roundTrips
        progress.distance.withLock { $0 = distance }
        progress.plan.withLock { $0.endRound(outcome) }
        var timing = timing
        // Whoever is slow is not asked for more where that is done again and again; who is far away need not be slow.
        if case .lasting = progress.scope { timing.hedgingDelay += distance / 2 }
        // What is kept leaves no room for others, so it is not given back.
        let memory = SharedBudget(store.room)
        let fetch = PeerFetch(
            client: client,
            store: store,
            observer: observer,
            reason: .announced,
            memory: memory,
            givesKeptBack: false,
            timing: timing
        )
        // Each turn is a look at whether more can be fetched.
        let (turns, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        await withDiscardingTaskGroup { group in
            for await _ in turns {
                while let order = progress.plan.withLock({ plan in
                    plan.next(in: room(memory), at: .now, isHere: store.holds)
                }) {
                    group.addTask {
                        await self.fetch(order, with: fetch, progress) { continuation.yield() }
                    }
                }
                if progress.plan.withLock({ $0.isIdle }) { return }
            }
        }
    }

    private func fetch(
        _ order: AdoptionPlan.Order,
        with fetch: PeerFetch,
        _ progress: Progress,
        turn: @Sendable () -> Void
    ) async {
        let blob = await fetch.blob(of: order.digest, first: order.first, lastUsed: order.lastUsed) { setback in
            defer { turn() }
            return progress.plan.withLock { plan in
                plan.nextHolder(after: setback, of: order.digest, in: room(fetch.memory), at: .now)
            }
        }
        // What was given up is late, and has not failed.
        guard blob != nil || !Task.isCancelled else { return }
        progress.plan.withLock { $0.endFetch(of: order.digest, byteCount: blob?.count) }
        turn()
    }

    private func room(_ memory: SharedBudget) -> AdoptionPlan.Room {
        AdoptionPlan.Room(kept: store.room, free: memory.free, largest: store.largestTaken)
    }
}
