// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// What one who receives bytes has taken of a shared budget.
final class MemoryReservation: Sendable {
    private let budget: SharedBudget
    private let count = Mutex(0)

    /// A reservation that has taken nothing.
    init(on budget: SharedBudget) {
        self.budget = budget
    }

    deinit { end() }

    /// Takes bytes more, if there are as many.
    ///
    /// - Returns: Whether there were.
    func add(_ more: Int) -> Bool {
        guard budget.take(more) else { return false }
        count.withLock { $0 += more }
        return true
    }

    /// Gives back what was taken.
    func end() {
        budget.give(back: settle())
    }

    /// Leaves what was taken taken, for good.
    ///
    /// - Returns: How much it is.
    @discardableResult
    func settle() -> Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }
}

/// Bytes that many may hold at once, together: what they have received, and not what they were promised.
final class SharedBudget: Sendable {
    private let bytes: Mutex<ByteBudget>

    /// A budget of which nothing is taken.
    init(_ count: Int) {
        bytes = Mutex(ByteBudget(count))
    }

    /// How many bytes there are still.
    var free: Int { bytes.withLock { $0.free } }

    /// Takes bytes, if there are as many.
    ///
    /// - Returns: Whether there were.
    func take(_ count: Int) -> Bool { bytes.withLock { $0.take(count) } }

    /// Gives bytes back.
    func give(back count: Int) { bytes.withLock { $0.give(back: count) } }
}

/// Bytes that may be held at once.
struct ByteBudget: Sendable {
    /// How many there are still.
    private(set) var free: Int

    /// A budget of which nothing is taken.
    init(_ count: Int) {
        free = count
    }

    /// Takes bytes, if there are as many.
    ///
    /// - Returns: Whether there were.
    mutating func take(_ count: Int) -> Bool {
        guard count <= free else { return false }
        free -= count
        return true
    }

    /// Gives bytes back.
    mutating func give(back count: Int) {
        free += count
    }
}
