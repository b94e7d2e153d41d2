// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ModuleCatalog
internal import Synchronization

/// Gives a new server what its siblings have, before it is ready: a digest that they announced can be asked of it at once.
package struct Adoption: Sendable {
    /// How many digests are fetched at one time.
    private static let maximumFetches = 2

    private let rollCall: RollCall
    private let fetch: SiblingFetch

    /// An adoption.
    ///
    /// - Parameters:
    ///   - rollCall: Asks the siblings what they can give.
    ///   - client: Fetches it.
    ///   - keeper: Serves what was fetched.
    ///   - observer: Is told what happens, and at last the ``AdoptionReport``.
    package init(rollCall: RollCall, client: SiblingClient, keeper: any ModuleKeeper, observer: any SiblingObserver) {
        self.rollCall = rollCall
        fetch = SiblingFetch(client: client, keeper: keeper, observer: observer)
    }

    /// Fetches what siblings have and this server has not, as far as there is room and time.
    ///
    /// 1. Every sibling is asked what it has; there may be none.
    /// 2. Digests are fetched two at a time, those that siblings serve now first.
    /// 3. When the time is up, what is under way is given up.
    ///
    /// - Parameter limit: How long it may take.
    package func adopt(within limit: Duration) async {
        let progress = Progress()
        let isDone = await withTimeLimit(limit) { await work(progress) }
        let keeper = fetch.keeper
        let report = progress.plan.withLock { plan in
            if !isDone { plan.runOutOfTime { keeper.blob(of: $0) != nil } }
            return plan.report
        }
        fetch.observer.siblingsDid(.adopted(report))
    }

    /// What the fetches share.
    private final class Progress: Sendable {
        let plan = Mutex(AdoptionPlan())
    }

    private func work(_ progress: Progress) async {
        let heardAll = await rollCall.run { sibling, entries in
            progress.plan.withLock { $0.hear(entries, from: sibling) }
        }
        guard !Task.isCancelled else { return }
        progress.plan.withLock { $0.endRound(heardAll: heardAll) }
        await withDiscardingTaskGroup { group in
            for _ in 0..<Self.maximumFetches {
                group.addTask { await fetchAll(progress) }
            }
        }
    }

    private func fetchAll(_ progress: Progress) async {
        let keeper = fetch.keeper
        while !Task.isCancelled {
            let next = progress.plan.withLock { plan in
                plan.next(room: keeper.room, largest: keeper.largestKept) { keeper.blob(of: $0) != nil }
            }
            guard let (digest, first) = next else { return }
            let blob = await fetch.blob(
                of: digest,
                first: first,
                next: {
                    progress.plan.withLock { plan in
                        plan.nextHolder(of: digest, room: keeper.room, largest: keeper.largestKept)
                    }
                },
                failed: { holder in progress.plan.withLock { $0.endAttempt(digest, by: holder.sibling) } }
            )
            // What was given up is late, and has not failed.
            guard blob != nil || !Task.isCancelled else { return }
            progress.plan.withLock { $0.endFetch(of: digest, byteCount: blob?.count) }
        }
    }
}
