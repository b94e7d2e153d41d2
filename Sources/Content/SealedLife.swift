// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// What ends with the last one who holds a blob: its descriptor, and whatever was to live as long.
package final class SealedLife: Sendable {
    private struct Entry {
        let tally: SealedTally
        let byteCount: Int
    }

    /// The memory file that has the bytes, if there is one.
    let file: MemoryFile?

    private let entry = Mutex<Entry?>(nil)
    private let companion = Mutex<(any AnyObject & Sendable)?>(nil)

    init(_ file: MemoryFile?) {
        self.file = file
    }

    deinit {
        if let entry = entry.withLock(\.self) { entry.tally.add(-1, of: -entry.byteCount) }
    }

    /// Whether the bytes are only held by someone who has begun to use them, and their memory is needed for others.
    package var isAwaited: Bool { entry.withLock { $0?.tally }?.isAwaited ?? false }

    /// Has a tally count the bytes from now on, unless one does already.
    func enter(_ tally: SealedTally, as byteCount: Int) {
        let isNew = entry.withLock { entry in
            guard entry == nil else { return false }
            entry = Entry(tally: tally, byteCount: byteCount)
            return true
        }
        if isNew { tally.add(1, of: byteCount) }
    }

    /// Has something live as long.
    func accompany(_ companion: any AnyObject & Sendable) {
        self.companion.withLock { $0 = companion }
    }
}
