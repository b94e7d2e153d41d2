// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Dispatch
internal import Synchronization

/// Looks at one source, on a thread of its own: what it waits for, such as a volume that does not answer, no other source waits for.
///
/// It does one thing at a time. What takes longer than someone waits for goes on, and nothing more is begun meanwhile; what it comes
/// to is taken later.
final class SourceWorker: Sendable {
    /// What it has found out since it was last asked.
    struct News: Sendable {
        /// The outcomes of candidates that were read.
        var outcomes: [Candidate: LoadResult.Outcome] = [:]
        /// Those that no longer hold the bytes that were read of them.
        var changed: Set<Candidate> = []

        var isEmpty: Bool { outcomes.isEmpty && changed.isEmpty }
    }

    private struct State {
        var news = News()
        /// The latest listing of the source, and the latest that came in time.
        var latest = Result<SourceListing, CatalogError>.success(SourceListing())
        var heard = Result<SourceListing, CatalogError>.success(SourceListing())
        var listingTime = Duration.zero
        var cost = ScanCost()
        /// Since when it works.
        var began: ContinuousClock.Instant?
        var lastCheck: Int64 = 0
    }

    /// The shortest and the longest that is waited for a listing; between that, for twice as long as the last one took.
    private static let shortestWait = Duration.seconds(2)
    private static let longestWait = Duration.seconds(30)
    /// How long modules that are read are waited for.
    private static let readingWait = Duration.seconds(5)

    private let source: Source
    private let access: SourceAccess
    private let queue: DispatchQueue
    private let work = DispatchGroup()
    private let state = Mutex(State())

    /// Will look at a source.
    init(_ source: Source, by access: SourceAccess) {
        self.source = source
        self.access = access
        queue = DispatchQueue(label: "wasm-server.source")
    }

    /// How it stands with the source.
    var check: SourceCheck {
        state.withLock { state in
            SourceCheck(source: source.description, lastDate: state.lastCheck, running: state.began.map { .now - $0 })
        }
    }

    /// What the source offers now, if the look that has just ended is an answer; else what it offered when it last
    /// answered in time.
    func listing(isAnswer: Bool) -> Result<SourceListing, CatalogError> {
        state.withLock { state in
            if isAnswer { state.heard = state.latest }
            return state.heard
        }
    }

    /// What it has taken at most to look through the source once since this was last asked.
    func takeCost() -> ScanCost {
        state.withLock { state in
            defer { state.cost = ScanCost() }
            return state.cost
        }
    }

    /// Begins to look through the source, unless it is busy.
    func list() {
        begin { [self] in
            let (start, cost) = (ContinuousClock.now, platform_thread_nanoseconds())
            let listing = Result { () throws(CatalogError) in try access.list(source) }
            let processor = Duration.nanoseconds(platform_thread_nanoseconds() - cost)
            state.withLock { state in
                state.latest = listing
                state.listingTime = .now - start
                state.cost.note(ScanCost(duration: state.listingTime, processor: processor))
                state.lastCheck = platform_seconds()
            }
        }
    }

    /// Begins to read modules, unless it is busy.
    func read(_ candidates: [Candidate]) {
        begin { [self] in
            for candidate in candidates {
                guard let outcome = access.outcome(of: candidate) else { continue }
                state.withLock { $0.news.outcomes[candidate] = outcome }
            }
        }
    }

    /// Begins to read modules again, to see whether they still have the same bytes, unless it is busy.
    func verify(_ outcomes: [Candidate: LoadResult.Outcome]) {
        begin { [self] in
            for (candidate, outcome) in outcomes where !access.holds(candidate, outcome) {
                state.withLock { _ = $0.news.changed.insert(candidate) }
            }
        }
    }

    /// Waits until its work has ended; false if that takes too long.
    ///
    /// - Parameters:
    ///   - start: When the work began.
    ///   - isListing: Whether it looks through the source, rather than read modules.
    ///   - waiting: How long to wait, from then on.
    /// - Returns: Whether it has ended.
    func hasEnded(since start: ContinuousClock.Instant, isListing: Bool, _ waiting: Waiting) -> Bool {
        switch waiting {
        case .asLongAsItTakes:
            work.wait()
            return true
        case .aWhile:
            let listing = state.withLock { min(max($0.listingTime * 2, Self.shortestWait), Self.longestWait) }
            let rest = (isListing ? listing : Self.readingWait) - (.now - start)
            return work.wait(timeout: .now() + .milliseconds(max(Int(rest / .milliseconds(1)), 0))) == .success
        }
    }

    /// Whether it is doing something.
    var isBusy: Bool { state.withLock { $0.began != nil } }

    /// Hands over what it has found out; nothing while it works, as that may be half of a change.
    func takeNews() -> News {
        state.withLock { state in
            guard state.began == nil else { return News() }
            defer { state.news = News() }
            return state.news
        }
    }

    /// Hands over the outcomes of the modules that it has read, once it has read all of them.
    func takeOutcomes() -> [Candidate: LoadResult.Outcome] {
        state.withLock { state in
            guard state.began == nil else { return [:] }
            defer { state.news.outcomes = [:] }
            return state.news.outcomes
        }
    }

    private func begin(_ body: @escaping @Sendable () -> Void) {
        let begins = state.withLock { state in
            guard state.began == nil else { return false }
            state.began = .now
            return true
        }
        guard begins else { return }
        queue.async(group: work) { [self] in
            body()
            state.withLock { $0.began = nil }
        }
    }
}

/// For how long a source is waited for.
enum Waiting: Sendable {
    /// Before anything is served, until everything has been read.
    case asLongAsItTakes
    /// While others have to be kept up to date.
    case aWhile
}
