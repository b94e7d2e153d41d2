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
        var nextPoll = ContinuousClock.now
        var nextRehash: ContinuousClock.Instant
    }

    /// How often it is seen whether it is time for a look.
    private static let period = Duration.seconds(1)
    /// The longest time until the next look at files that are far away, and how many times as long as the look itself took.
    private static let longestPause = Duration.seconds(5)
    private static let idleness = 50
    /// How many times as long as the processor time of a look it rests at least: whatever else there is to do, looks take less
    /// than a twentieth of a core.
    private static let thrift = 32

    private let catalog: LiveCatalog
    private let report: SourceReport
    private let rehash: Duration
    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "wasm-server.sources")

    /// Prepares the looks; ``run()`` begins them.
    ///
    /// - Parameters:
    ///   - catalog: What is to be kept up to date.
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
        guard let occasion = begin() else { return }
        thread.async { [self] in
            let pause = Self.pause(after: catalog.look(occasion))
            state.withLock { state in
                state.isLooking = false
                state.nextPoll = .now + pause
            }
            if state.withLock({ $0.isAsked }) { lookIfDue() }
        }
    }

    /// How long to wait until the next look.
    static func pause(after cost: LookCost) -> Duration {
        max(min(cost.duration * idleness, longestPause), cost.processor * thrift)
    }

    /// What the next look is for; nil if there is none now.
    private func begin() -> LookOccasion? {
        state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isLooking, state.isAsked || now >= state.nextPoll else { return nil }
            state.isLooking = true
            if now >= state.nextRehash {
                state.nextRehash = now + rehash
                state.isAsked = false
                return .rehash
            }
            defer { state.isAsked = false }
            return state.isAsked ? .request : .poll
        }
    }
}
