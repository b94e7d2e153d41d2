// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import ModuleCatalog
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Looks for digests at the siblings, on demand.
///
/// ``Searches`` decides; this asks the siblings, and keeps the time. Searches end unanswered (``SearchOutcome/unavailable``)
/// unless ``run()`` is under way.
package final class SiblingSearch: DigestSearch {
    private typealias Completion = @Sendable (SearchOutcome) -> Void

    private enum Work: Sendable {
        case callRoll
        case fetch(Digest, Holder)
    }

    private struct State {
        var searches: Searches<Completion>
        var alarm: (at: ContinuousClock.Instant, Scheduled<Void>)?
        var isOver = false
    }

    /// How late a deadline may be noticed, so that many do not each wake a thread.
    private static let interval = Duration.milliseconds(20)

    private let rollCall: RollCall
    private let fetch: SiblingFetch
    private let observer: any SiblingObserver
    private let state: Mutex<State>
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let works: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    /// A search.
    ///
    /// - Parameters:
    ///   - rollCall: Asks the siblings what they can give.
    ///   - client: Fetches it.
    ///   - keeper: Serves what was fetched.
    ///   - observer: Is told what happens.
    package convenience init(
        rollCall: RollCall,
        client: SiblingClient,
        keeper: any ModuleKeeper,
        observer: any SiblingObserver
    ) {
        let fetch = SiblingFetch(client: client, keeper: keeper, observer: observer)
        self.init(rollCall: rollCall, fetch: fetch, timing: SearchTiming(), observer: observer)
    }

    /// A search that takes as long as it is told to.
    init(rollCall: RollCall, fetch: SiblingFetch, timing: SearchTiming, observer: any SiblingObserver) {
        self.rollCall = rollCall
        self.fetch = fetch
        self.observer = observer
        state = Mutex(State(searches: Searches(largest: fetch.keeper.largestKept, timing: timing)))
        (works, continuation) = AsyncStream.makeStream()
    }

    package func search(for digest: Digest, completion: @escaping @Sendable (SearchOutcome) -> Void) {
        update { searches, now in searches.ask(for: digest, completion, at: now) }
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
        case .callRoll:
            let heardAll = await rollCall.run { sibling, entries in
                update { searches, _ in searches.hear(entries, from: sibling) }
            }
            update { searches, now in searches.endRound(heardAll: heardAll, at: now) }
        case .fetch(let digest, let holder):
            let kept = fetch.keeper.blob(of: digest)
            let blob = if let kept { kept } else { await self.blob(of: digest, first: holder) }
            update { searches, _ in searches.endFetch(of: digest, with: blob) }
        }
    }

    private func blob(of digest: Digest, first: Holder) async -> SealedBlob? {
        await fetch.blob(
            of: digest,
            first: first,
            next: { self.state.withLock { $0.searches.nextHolder(of: digest) } },
            failed: { holder in self.state.withLock { $0.searches.endAttempt(digest, by: holder.sibling) } }
        )
    }

    private func update(
        _ change: (inout Searches<Completion>, ContinuousClock.Instant) -> [Searches<Completion>.Action]
    ) {
        let now = ContinuousClock.now
        let actions = state.withLock { state in
            var actions = change(&state.searches, now)
            if state.isOver { actions += state.searches.close() } else { setAlarm(&state, at: now) }
            return actions
        }
        act(on: actions)
    }

    private func act(on actions: [Searches<Completion>.Action]) {
        for action in actions {
            switch action {
            case .answer(let completion, let outcome):
                observer.siblingsDid(.searched(.init(outcome)))
                completion(outcome)
            case .callRoll: continuation.yield(.callRoll)
            case .fetch(let digest, let holder): continuation.yield(.fetch(digest, holder))
            }
        }
    }

    /// Sees to it that time is told to have passed when that matters.
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

extension SiblingEvent.Answer {
    fileprivate init(_ outcome: SearchOutcome) {
        self =
            switch outcome {
            case .found: .found
            case .unknown: .unknown
            case .unavailable: .unavailable
            }
    }
}
