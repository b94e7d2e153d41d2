// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ModuleCatalog
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
    /// The longest time until the next look at thousands of files, and how many times as long as the look itself took.
    private static let longestPause = Duration.seconds(5)
    private static let idleness = 50

    private let catalog: LiveCatalog
    private let rehash: Duration
    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "wasm-server.sources")

    /// Prepares the looks; ``run()`` begins them.
    ///
    /// - Parameters:
    ///   - catalog: What is to be kept up to date.
    ///   - rehash: How often everything is read, whatever sizes and times of files say.
    init(_ catalog: LiveCatalog, rehash: Duration) {
        self.catalog = catalog
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
            repeat { self.lookIfDue() } while (try? await Task.sleep(for: Self.period)) != nil
        }
    }

    private func lookIfDue() {
        guard let occasion = begin() else { return }
        thread.async { [self] in
            let duration = catalog.look(occasion)
            state.withLock { state in
                state.isLooking = false
                state.nextPoll = .now + min(duration * Self.idleness, Self.longestPause)
            }
            if state.withLock({ $0.isAsked }) { lookIfDue() }
        }
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
