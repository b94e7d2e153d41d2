// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import Synchronization

/// A module that is served by its digest only: it was current once, or a peer announced it.
package final class KeptModule: Sendable {
    /// Why a module is kept, the strongest reason first.
    package enum Reason: UInt8, Sendable, AtomicRepresentable {
        /// It was served by name here.
        case served
        /// A peer announced it.
        case announced
        /// Someone searched for it, and a peer gave it.
        case sought
    }

    /// Its bytes, as they were admitted.
    package let content: AdmittedBlob
    /// The last path under which it was current here, if it ever was.
    package let path: ModulePath?
    /// When its file was last modified, in seconds since 1970; nil where that is not known.
    package let modified: Int64?
    /// Where its bytes come from, as a person would name it.
    package let origin: String
    /// Since when it is kept, in seconds since 1970.
    package let since: Int64
    /// When its bytes were last fetched here.
    package let lastFetch: LastFetch

    /// By ``ClockReading/uptime``.
    private let used: Atomic<Int64>
    private let claim: Atomic<Reason>

    /// A module that is no longer current.
    init(retired module: Module, at now: ClockReading) {
        content = module.content
        path = module.path
        modified = module.modified
        origin = module.origin
        since = now.date
        lastFetch = module.lastFetch
        used = Atomic(now.uptime)
        claim = Atomic(.served)
    }

    /// A module that a peer has given, from an origin, for a reason; it was last current or fetched there at
    /// `lastUsed`, in seconds since 1970, or now.
    init(
        content: AdmittedBlob,
        origin: String,
        reason: Reason,
        lastUsed: Int64?,
        at now: ClockReading,
        policy: RetentionPolicy
    ) {
        self.content = content
        path = nil
        modified = nil
        self.origin = origin
        since = now.date
        lastFetch = LastFetch()
        used = Atomic(max(now.uptime(at: lastUsed ?? now.date), policy.earliestUse(at: now)))
        claim = Atomic(reason)
    }

    /// Its bytes.
    package var blob: SealedBlob { content.blob }

    /// Why it is kept.
    package var reason: Reason { claim.load(ordering: .relaxed) }

    /// Notes that a peer announces what was only searched for.
    func wasAnnounced() {
        _ = claim.compareExchange(expected: .sought, desired: .announced, ordering: .relaxed)
    }

    /// Notes that it was fetched; event loops may call it.
    package func wasFetched(at now: ClockReading = .now) {
        used.store(now.uptime, ordering: .relaxed)
    }

    /// When it was last current or fetched, here or where it came from, by ``ClockReading/uptime``.
    var lastUsed: Int64 { used.load(ordering: .relaxed) }

    /// When that was, in seconds since 1970.
    package func lastUsed(as now: ClockReading = .now) -> Int64 { now.date(at: lastUsed) }
}
