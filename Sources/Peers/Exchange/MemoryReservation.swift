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
