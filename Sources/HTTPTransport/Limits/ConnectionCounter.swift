// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// How many connections a listener has, counted across its event loops.
final class ConnectionCounter: Sendable {
    private let limit: Int
    private let connections = Atomic(0)
    /// Whether accepting waits for a connection to end.
    private let isWaiting = Atomic(false)
    /// Since when somebody waits to be accepted, in nanoseconds of uptime; 0 if nobody does.
    private let waitingSince = Atomic<UInt64>(0)
    /// How many wait.
    private let waitingCount = Atomic(0)

    private let now: @Sendable () -> NIODeadline

    /// A counter at zero.
    init(limit: Int, now: @escaping @Sendable () -> NIODeadline) {
        self.limit = limit
        self.now = now
    }

    /// Who waits to be accepted: how many, and since when there has been somebody; nil if nobody does.
    var waiting: (count: Int, since: NIODeadline)? {
        let since = waitingSince.load(ordering: .relaxed)
        return since == 0 ? nil : (waitingCount.load(ordering: .relaxed), .uptimeNanoseconds(since))
    }

    /// Records how many wait to be accepted.
    func setWaiting(_ count: Int) {
        waitingCount.store(count, ordering: .relaxed)
        guard (count > 0) != (waiting != nil) else { return }
        waitingSince.store(count > 0 ? now().uptimeNanoseconds : 0, ordering: .relaxed)
    }

    /// How many connections there are.
    var count: Int { connections.load(ordering: .relaxed) }

    /// For how many more connections there is room.
    var room: Int { max(limit - count, 0) }

    /// Counts a new connection; whether there is room for one more.
    func add() -> Bool {
        connections.add(1, ordering: .sequentiallyConsistent).newValue < limit
    }

    /// Has accepting wait until there is room; false if there is some, as a connection may just have ended.
    func waitIfFull() -> Bool {
        isWaiting.store(true, ordering: .sequentiallyConsistent)
        guard connections.load(ordering: .sequentiallyConsistent) < limit else { return true }
        isWaiting.store(false, ordering: .sequentiallyConsistent)
        return false
    }

    /// Has accepting wait for the system, which lacks something that connections hold.
    func waitForSystem() {
        isWaiting.store(true, ordering: .sequentiallyConsistent)
    }

    /// Counts a connection that has ended; whether accepting, which waits, must be resumed for it.
    func remove() -> Bool {
        guard connections.subtract(1, ordering: .sequentiallyConsistent).newValue < limit else { return false }
        return isWaiting.exchange(false, ordering: .sequentiallyConsistent)
    }
}
