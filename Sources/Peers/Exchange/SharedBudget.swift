// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

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
