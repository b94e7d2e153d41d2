// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ModuleCatalog
internal import Operations
internal import ServiceLifecycle
internal import Synchronization
internal import Ticks

/// Scans the sources again and again, so that what has changed is served.
///
/// Scans may wait for a disk, however long: they have a thread of their own, and nobody waits for them, least of all a shutdown.
final class SourceWatch: Service {
    private struct State {
        var isScanning = false
        /// Whether someone has asked for a scan since the last one began.
        var isAsked = false
        var schedule = ScanSchedule(at: .now)
        var nextRehash: ContinuousClock.Instant
    }

    /// How often it is checked whether a scan is due.
    private static let period = Duration.seconds(1)

    private let catalog: LiveCatalog
    private let report: SourceReport
    private let rehash: Duration
    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "wasm-server.sources")

    /// Prepares the scans; ``run()`` begins them.
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

    /// Scans at once, or as soon as the scan that is under way has ended; it does not wait for that.
    func rescanNow() {
        state.withLock { $0.isAsked = true }
        rescanIfDue()
    }

    /// Scans until a graceful shutdown begins.
    func run() async {
        await cancelWhenGracefulShutdown {
            self.tick()
            await Ticks.each(Self.period) { self.tick() }
        }
    }

    private func tick() {
        rescanIfDue()
        report.tell(catalog.checks)
    }

    private func rescanIfDue() {
        guard let (reason, resting) = begin() else { return }
        thread.async { [self] in
            let costs = catalog.rescan(reason, skipping: resting)
            state.withLock { state in
                state.isScanning = false
                state.schedule.note(costs, at: .now)
            }
            if state.withLock({ $0.isAsked }) { rescanIfDue() }
        }
    }

    /// Why the next scan is made, and which sources rest meanwhile; nil if none is due.
    private func begin() -> (ReloadReason, resting: Set<Int>)? {
        state.withLock { state in
            let now = ContinuousClock.now
            guard !state.isScanning, state.isAsked || now >= state.schedule.next else { return nil }
            state.isScanning = true
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
