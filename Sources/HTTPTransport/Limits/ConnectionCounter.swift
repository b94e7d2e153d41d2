// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import Synchronization

/// How many connections a listener has, counted across its event loops.
final class ConnectionCounter: Sendable {
    private let limit: Int
    private let connections = Atomic(0)
    /// Who waits to be accepted: how many, and since when there has been somebody.
    private let queue = Mutex<(count: Int, since: Moment)?>(nil)

    private let now: @Sendable () -> Moment

    /// A counter at zero.
    init(limit: Int, now: @escaping @Sendable () -> Moment) {
        self.limit = limit
        self.now = now
    }

    /// Who waits to be accepted: how many, and since when there has been somebody; nil if nobody does.
    var waiting: (count: Int, since: Moment)? { queue.withLock { $0 } }

    /// Records how many wait to be accepted.
    func setWaiting(_ count: Int) {
        queue.withLock { $0 = count > 0 ? (count, $0?.since ?? now()) : nil }
    }

    /// For how many more connections there is room.
    var room: Int { max(limit - connections.load(ordering: .relaxed), 0) }

    /// Counts a connection that is about to be accepted; false, and it does not count, if there is no room.
    func reserve() -> Bool {
        guard connections.add(1, ordering: .sequentiallyConsistent).newValue > limit else { return true }
        connections.subtract(1, ordering: .sequentiallyConsistent)
        return false
    }

    /// Counts a connection for which there need be no room.
    func add() { connections.add(1, ordering: .sequentiallyConsistent) }

    /// Whether there is no room for another.
    var isFull: Bool { connections.load(ordering: .sequentiallyConsistent) >= limit }

    /// Counts a connection no more: it has ended, or none was accepted.
    func remove() { connections.subtract(1, ordering: .sequentiallyConsistent) }
}
