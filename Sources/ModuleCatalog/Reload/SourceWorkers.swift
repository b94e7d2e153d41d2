// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Looks at several sources at a time, so that none waits for another.
struct SourceWorkers: Sendable {
    /// Where modules come from.
    let sources: [Source]
    private let workers: [SourceWorker]

    /// Will look at sources.
    init(_ sources: [Source], _ access: SourceAccess) {
        self.sources = sources
        workers = sources.map { SourceWorker($0, by: access) }
    }

    /// How it stands with the checks of each source.
    var checks: [SourceCheck] { workers.map(\.check) }

    /// What the sources offer now; one that is not looked at, or does not answer in time, offers what it last did.
    func scan(_ waiting: Waiting, skipping skipped: Set<Int>) -> SourceScan {
        let asked = workers.indices.filter { !skipped.contains($0) }
        let unanswered = skipped.union(perform(isListing: true, waiting, by: asked) { worker, _ in worker.list() })
        let listings = workers.enumerated().map { source, worker in
            worker.listing(isAnswer: !unanswered.contains(source))
        }
        return SourceScan(sources, listings, unanswered: unanswered)
    }

    /// What it has taken at most to look through each source once since this was last asked.
    func takeCosts() -> [ScanCost] { workers.map { $0.takeCost() } }

    /// Reads candidates of each source, and returns their outcomes, and the sources that have not answered in time.
    ///
    /// Of these no outcome is returned, as it may be half of a change.
    func read(
        _ candidates: [Int: [Candidate]],
        _ waiting: Waiting
    ) -> (outcomes: [Candidate: LoadResult.Outcome], unanswered: Set<Int>) {
        let sources = candidates.keys.sorted()
        let unanswered = perform(isListing: false, waiting, by: sources) { worker, source in
            worker.read(candidates[source, default: []])
        }
        let outcomes = sources.filter { !unanswered.contains($0) }.map { workers[$0].takeOutcomes() }
        return (outcomes.reduce(into: [:]) { $0.merge($1) { _, new in new } }, unanswered)
    }

    /// Reads again what may be served; ``takeNews()`` tells what has changed.
    func verify(_ loaded: LoadResult) {
        _ = perform(isListing: false, .aWhile, by: Array(workers.indices)) { $0.verify(loaded.admitted(of: $1)) }
    }

    /// What was found out of each source since, even by a worker that nobody waits for any more.
    func takeNews() -> [SourceWorker.News] { workers.map { $0.takeNews() } }

    /// Looks at several sources at a time, and returns those that have not answered in time, or were busy with
    /// something earlier.
    private func perform(
        isListing: Bool,
        _ waiting: Waiting,
        by sources: [Int],
        _ work: (SourceWorker, Int) -> Void
    ) -> Set<Int> {
        let start = ContinuousClock.now
        let busy = waiting == .aWhile ? sources.filter { workers[$0].isBusy } : []
        let asked = sources.filter { !busy.contains($0) }
        for source in asked { work(workers[source], source) }
        return Set(busy + asked.filter { !workers[$0].hasEnded(since: start, isListing: isListing, waiting) })
    }
}

/// How it stands with the checks of a source.
package struct SourceCheck: Hashable, Sendable {
    /// The source, as a person named it.
    package let source: String
    /// When it was last looked through to its end, in seconds since 1970; 0 if it never was.
    package let lastDate: Int64
    /// For how long the check that is under way has taken; nil if there is none.
    package let running: Duration?

    /// How it stands, from its parts.
    package init(source: String, lastDate: Int64, running: Duration?) {
        self.source = source
        self.lastDate = lastDate
        self.running = running
    }
}

/// What it took to see whether anything has changed.
package struct ScanCost: Sendable {
    /// How long it took.
    package private(set) var duration = Duration.zero
    /// How much processor time.
    package private(set) var processor = Duration.zero

    /// What it took, from its parts.
    package init(duration: Duration = .zero, processor: Duration = .zero) {
        self.duration = duration
        self.processor = processor
    }

    /// Records another look, if that took more.
    mutating func note(_ other: ScanCost) {
        duration = max(duration, other.duration)
        processor = max(processor, other.processor)
    }
}

/// What one look took.
package struct ScanCosts: Sendable {
    /// Looking through each source, by its number.
    package let sources: [ScanCost]
    /// The processor time of comparing what they offer with what is known.
    package let comparison: Duration
}
