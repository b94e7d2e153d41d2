// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import Synchronization

/// A module that is served by its digest only: it was current once, or a sibling announced it.
package final class KeptModule: Sendable {
    /// Its bytes.
    package let blob: SealedBlob
    /// The last path under which it was current here, if it ever was.
    package let path: ModulePath?
    /// When its file was last modified, in seconds since 1970; nil where that is not known.
    package let modified: Int64?
    /// Where its bytes come from, as a person would name it.
    package let origin: String
    /// Since when it is kept, in seconds since 1970.
    package let since: Int64

    private let fetched: Atomic<Int64>

    /// A module that is no longer current.
    init(retired module: Module, at now: Int64) {
        blob = module.blob
        path = module.path
        modified = module.modified
        origin = module.origin
        since = now
        fetched = Atomic(now)
    }

    /// A module that a sibling has given.
    init(blob: SealedBlob, origin: String, at now: Int64, lastUsed: Int64) {
        self.blob = blob
        path = nil
        modified = nil
        self.origin = origin
        since = now
        fetched = Atomic(lastUsed)
    }

    /// Notes that it was fetched; event loops may call it.
    ///
    /// - Parameter now: The present, in seconds since 1970.
    package func wasFetched(at now: Int64) {
        fetched.store(now, ordering: .relaxed)
    }

    /// When it was last current or fetched, here or where it came from, in seconds since 1970.
    package var lastUsed: Int64 { fetched.load(ordering: .relaxed) }
}
