// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Counts blobs that are only in memory because someone still holds them, each until its last holder releases it.
package final class SealedTally: Sendable {
    private struct Total {
        var count = 0
        var byteCount = 0
        var isAwaited = false
    }

    private let total = Mutex(Total())

    /// Nothing is counted.
    package init() {}

    /// How many blobs are counted.
    package var count: Int { total.withLock { $0.count } }

    /// What they were said to take.
    package var byteCount: Int { total.withLock { $0.byteCount } }

    /// Whether their memory is needed for others; it is not, once there are none.
    package var isAwaited: Bool {
        get { total.withLock { $0.isAwaited } }
        set { total.withLock { $0.isAwaited = newValue && $0.count > 0 } }
    }

    /// Begins to count a blob, which takes so many bytes.
    package func count(_ blob: SealedBlob, as byteCount: Int) {
        blob.life.enter(self, as: byteCount)
    }

    /// Counts more, or less.
    func add(_ count: Int, of byteCount: Int) {
        total.withLock { total in
            total.count += count
            total.byteCount += byteCount
            if total.count == 0 { total.isAwaited = false }
        }
    }
}
