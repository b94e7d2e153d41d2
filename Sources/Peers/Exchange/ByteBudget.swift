// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
