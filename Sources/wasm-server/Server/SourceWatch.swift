// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ModuleCatalog
internal import Operations
internal import ServiceLifecycle
internal import Synchronization

/// Looks at the sources again and again, so that what has changed is served.
///
/// Looks may wait for a disk, however long: they have a thread of their own, and nobody waits for them, least of all a shutdown.
final class SourceWatch: Service {
    private struct State {
        var isLooking = false
        /// Whether someone has asked for a look since the last one began.
        var isAsked = false
        var schedule = ScanSchedule(at: .now)
        var nextRehash: ContinuousClock.Instant
    }

    /// How often it is seen whether it is time for a look.
    private static let period = Duration.seconds(1)

    private let catalog: LiveCatalog
    private let report: SourceReport
    private let rehash: Duration
    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "wasm-server.sources")

    /// Prepares the looks; ``run()`` begins them.
    ///
    /// - Parameters:
    ///   - catalog: What is kept up to date.
    ///   - rehash: How often everything is read, whatever sizes and times of files say.
    ///   - report: Is told which sources do not answer.
    init(_ catalog: LiveCatalog, rehash: Duration, report: SourceReport) {
        self.catalog = catalog
        self.report = report
        self.rehash = rehash
        state = Mutex(State(nextRehash: ContinuousClock.now + rehash))
    }

    /// Looks at once, or as soon as the look that is under way has ended; it does not wait for that.
    func lookNow() {
        state.withLock { $0.isAsked = true }
        lookIfDue()
    }

    /// Looks until a graceful shutdown begins.
    func run() async {
        await cancelWhenGracefulShutdown {
            repeat {
                self.lookIfDue()
                self.report.tell(self.catalog.checks)
            } while (try? await Task.sleep(for: Self.period)) != nil
        }
    }

    private func lookIfDue() {
        guard let (reason, resting) = begin() else { return }
        thread.async { [self] in
            let costs = catalog.look(reason, leaving: resting)
            state.withLock { state in
                state.isLooking = false
                state.schedule.note(costs, at: .now)
            }
            if state.withLock({ $0.isAsked }) { lookIfDue() }
        }
    }

    /// What the next look is for, and which sources it leaves alone; nil if there is none now.
    private func begin() -> (ReloadReason, leaving: Set<Int>)? {
        state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isLooking, state.isAsked || now >= state.schedule.next else { return nil }
            state.isLooking = true
            if now >= state.nextRehash {
                state.nextRehash = now + rehash
                state.isAsked = false
                return (.rehash, [])
            }
            defer { state.isAsked = false }
            return state.isAsked ? (.request, []) : (.poll, state.schedule.resting(at: now))
        }
    }
}

/// When the sources are looked at, so that looks take little of a processor and of what is far away.
///
/// Each source rests by itself, after what looking at it took: one that holds a million files keeps no other from being looked at
/// every second.
struct ScanSchedule {
    /// The longest that files which are far away are left alone, and how many times as long as it took to look at them.
    private static let longestPause = Duration.seconds(5)
    private static let idleness = 50
    /// Sources rest for so many times the processor time of looking at all of them.
    ///
    /// There is no look at all for so many times that of comparing what they offer. Together that takes less than a
    /// twentieth of a core.
    private static let thrift = 40

    /// When there is a look at all, whether or not a source rests.
    private(set) var next: ContinuousClock.Instant
    /// Until when each source rests, by its number.
    private var rests: [Int: ContinuousClock.Instant] = [:]

    /// A schedule whose first look is due.
    init(at now: ContinuousClock.Instant) { next = now }

    /// The sources that rest now, by their numbers.
    func resting(at now: ContinuousClock.Instant) -> Set<Int> { Set(rests.filter { $0.value > now }.keys) }

    /// Takes note of what a look took.
    mutating func note(_ costs: ScanCosts, at now: ContinuousClock.Instant) {
        next = now + costs.comparison * Self.thrift
        for (source, cost) in costs.sources.enumerated() where cost.duration > .zero {
            let share = Self.thrift * costs.sources.count
            rests[source] = now + max(min(cost.duration * Self.idleness, Self.longestPause), cost.processor * share)
        }
    }
}
