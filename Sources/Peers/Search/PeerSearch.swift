// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import ModuleCatalog
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Looks for digests at the peers, on demand.
///
/// ``Searches`` decides; this asks the peers, and keeps the time. Searches end unanswered (``SearchOutcome/unavailable``)
/// unless ``run()`` is under way.
package final class PeerSearch: DigestSearch {
    private struct Waiter: Sendable {
        let digest: Digest
        let completion: @Sendable (SearchOutcome) -> Void
    }

    private enum Work: Sendable {
        case startRound
        case fetch(Digest, Holder)
    }

    private struct State {
        var searches: Searches<Waiter>
        var alarm: (at: ContinuousClock.Instant, Scheduled<Void>)?
        var isOver = false
    }

    /// How late a deadline may be noticed, so that many do not each wake a thread.
    private static let interval = Duration.milliseconds(20)

    private let listingRound: ListingRound
    private let callers: RecentCallers
    private let fetch: PeerFetch
    private let observer: any PeerObserver
    private let state: Mutex<State>
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let works: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// A search.
    ///
    /// - Parameters:
    ///   - listingRound: Asks the peers what they can give.
    ///   - callers: Is told who asks this server as a peer.
    ///   - client: Fetches it.
    ///   - store: Serves what was fetched.
    ///   - observer: Is told what happens.
    package convenience init(
        listingRound: ListingRound,
        callers: RecentCallers,
        client: PeerClient,
        store: any ModuleStore,
        observer: any PeerObserver
    ) {
        self.init(
            listingRound: listingRound,
            callers: callers,
            client: client,
            store: store,
            observer: observer,
            timing: SearchTiming(),
            fetchTiming: PeerFetch.Timing()
        )
    }

    /// A search with limits of time.
    init(
        listingRound: ListingRound,
        callers: RecentCallers,
        client: PeerClient,
        store: any ModuleStore,
        observer: any PeerObserver,
        timing: SearchTiming,
        fetchTiming: PeerFetch.Timing
    ) {
        // The largest module may be fetched from two peers, when one of them is slow.
        let (size, isTooLarge) = store.largestTaken.multipliedReportingOverflow(by: 2)
        let memory = SharedBudget(isTooLarge ? .max : size)
        self.listingRound = listingRound
        self.callers = callers
        fetch = PeerFetch(
            client: client,
            store: store,
            observer: observer,
            reason: .sought,
            memory: memory,
            timing: fetchTiming
        )
        self.observer = observer
        state = Mutex(State(searches: Searches(largest: fetch.store.largestTaken, timing: timing)))
        (works, continuation) = AsyncStream.makeStream()
    }

    package func wasAsked(by client: String, as instance: String) { callers.note(client, as: instance) }

    package func search(
        for digest: Digest,
        from client: String,
        holding byteCount: Int,
        completion: @escaping @Sendable (SearchOutcome) -> Void
    ) {
        let waiter = Waiter(digest: digest, completion: completion)
        update { searches, now in searches.ask(for: digest, from: client, holding: byteCount, waiter, at: now) }
    }

    /// Does what searches need, until it is cancelled; then nobody waits any more, and nobody will.
    package func run() async {
        // There is never more work than one round and a few fetches.
        await withDiscardingTaskGroup { group in
            for await work in works {
                group.addTask { await self.perform(work) }
            }
            group.cancelAll()
        }
        let (unanswered, alarm) = state.withLock { state in
            state.isOver = true
            return (state.searches.close(), state.alarm.take())
        }
        alarm?.1.cancel()
        act(on: unanswered)
    }

    private func perform(_ work: Work) async {
        switch work {
        case .startRound:
            let outcome = await listingRound.run(withCallers: true) { peer, entries in
                update { searches, now in searches.receive(entries, from: peer, at: now) }
            }
            update { searches, now in searches.endRound(heardAll: outcome.heardAll, at: now) }
        case .fetch(let digest, let holder):
            let kept = fetch.store.blob(of: digest)
            let blob = if let kept { kept } else { await self.blob(of: digest, first: holder) }
            update { searches, now in searches.endFetch(of: digest, with: blob, at: now) }
        }
    }

    private func blob(of digest: Digest, first: Holder) async -> SealedBlob? {
        await fetch.blob(of: digest, first: first, lastUsed: nil) { setback in
            var next: Holder?
            self.update { searches, now in
                let (holder, actions) = searches.nextHolder(after: setback, of: digest, at: now)
                next = holder
                return actions
            }
            return next
        }
    }

    private func update(
        _ change: (inout Searches<Waiter>, ContinuousClock.Instant) -> [Searches<Waiter>.Action]
    ) {
        let now = ContinuousClock.now
        let actions = state.withLock { state in
            var actions = change(&state.searches, now)
            if state.isOver { actions += state.searches.close() } else { setAlarm(&state, at: now) }
            return actions
        }
        act(on: actions)
    }

    private func act(on actions: [Searches<Waiter>.Action]) {
        for action in actions {
            switch action {
            case .answer(let waiter, let outcome):
                let outcome = revised(outcome, of: waiter.digest)
                observer.peersDid(.searched(.init(outcome)))
                waiter.completion(outcome)
            case .startRound: continuation.yield(.startRound)
            case .fetch(let digest, let holder): continuation.yield(.fetch(digest, holder))
            case .reportTooLarge(let digest, let holder):
                observer.peersDid(.tooLarge(holder.peer, digest, size: holder.size))
            }
        }
    }

    /// The outcome of a search, unless its digest has come here meanwhile by another way.
    private func revised(_ outcome: SearchOutcome, of digest: Digest) -> SearchOutcome {
        if case .found = outcome { return outcome }
        return fetch.store.blob(of: digest).map { .found($0) } ?? outcome
    }

    /// Sets the timer for the next moment at which something is due.
    private func setAlarm(_ state: inout State, at now: ContinuousClock.Instant) {
        guard let wakeAt = state.searches.wakeAt else { return }
        let due = max(wakeAt, now + Self.interval)
        if let alarm = state.alarm {
            guard due < alarm.at else { return }
            alarm.1.cancel()
        }
        let alarm = eventLoop.scheduleTask(in: TimeAmount(due - now)) { [weak self] in
            guard let self else { return }
            self.state.withLock { $0.alarm = nil }
            update { searches, now in searches.tick(at: now) }
        }
        state.alarm = (due, alarm)
    }
}

extension PeerEvent.Answer {
    fileprivate init(_ outcome: SearchOutcome) {
        self =
            switch outcome {
            case .found: .found
            case .unknown: .unknown
            case .unavailable: .unavailable
            }
    }
}
