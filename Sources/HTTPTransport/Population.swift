// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// How many connections a listener has, counted across its event loops.
final class Population: Sendable {
    private let limit: Int
    private let count = Atomic(0)
    /// Since when accepting waits, in nanoseconds of uptime; 0 if it does not.
    private let waitingSince = Atomic<UInt64>(0)
    /// Since when somebody waits to be accepted, likewise.
    private let awaitedSince = Atomic<UInt64>(0)

    private let now: @Sendable () -> NIODeadline

    /// A population of nobody.
    ///
    /// - Parameters:
    ///   - limit: How many connections there may be.
    ///   - now: Tells the time.
    init(limit: Int, now: @escaping @Sendable () -> NIODeadline) {
        self.limit = limit
        self.now = now
    }

    /// Since when somebody waits for a connection to end; nil if nobody does.
    var fullSince: NIODeadline? {
        let since = awaitedSince.load(ordering: .relaxed)
        return since == 0 ? nil : .uptimeNanoseconds(since)
    }

    /// Says whether anyone waits to be accepted.
    func isAwaited(_ isSo: Bool) {
        guard isSo != (fullSince != nil) else { return }
        awaitedSince.store(isSo ? now().uptimeNanoseconds : 0, ordering: .relaxed)
    }

    /// Counts a new connection.
    ///
    /// - Returns: Whether there is room for one more.
    func add() -> Bool {
        count.add(1, ordering: .sequentiallyConsistent).newValue < limit
    }

    /// Says that accepting will wait until a connection ends.
    ///
    /// - Returns: Whether it must wait indeed: a connection may just have ended.
    func wait() -> Bool {
        waitingSince.store(now().uptimeNanoseconds, ordering: .sequentiallyConsistent)
        guard count.load(ordering: .sequentiallyConsistent) < limit else { return true }
        waitingSince.store(0, ordering: .sequentiallyConsistent)
        return false
    }

    /// Says that accepting waits for the system, which lacks something that connections hold.
    func waitForSystem() {
        waitingSince.store(now().uptimeNanoseconds, ordering: .sequentiallyConsistent)
        isAwaited(true)
    }

    /// Says that accepting is tried again.
    func stopWaiting() {
        waitingSince.store(0, ordering: .sequentiallyConsistent)
        isAwaited(false)
    }

    /// Counts a connection that has ended.
    ///
    /// - Returns: Whether accepting must be resumed for it.
    func remove() -> Bool {
        count.subtract(1, ordering: .sequentiallyConsistent)
        return waitingSince.exchange(0, ordering: .sequentiallyConsistent) != 0
    }
}
