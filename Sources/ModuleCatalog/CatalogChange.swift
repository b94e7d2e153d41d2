// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What has changed from one snapshot to the next.
package struct CatalogChange: Sendable {
    /// What is served now.
    package let snapshot: Snapshot
    /// Modules whose bytes are new under their path.
    package let begun: [Module]
    /// Modules whose bytes are no longer served under their path.
    package let ended: [Module]
    /// Modules that came from peers, to be served by digest.
    package let adopted: [KeptModule]
    /// Modules that are no longer kept.
    package let dropped: [DroppedModule]
    /// What is rejected and was not before: as much of it as is named one by one.
    package let rejected: [RejectedModule]
    /// How much more is rejected, that is not named.
    package let unnamedRejectionCount: Int
    /// Whether nothing is rejected any more, and something was.
    package let isMended: Bool

    /// Compares two snapshots.
    ///
    /// - Parameters:
    ///   - previous: What was served.
    ///   - snapshot: What is served now.
    ///   - adopted: What came from peers in between.
    ///   - dropped: What was kept before and is not any more.
    init(from previous: Snapshot, to snapshot: Snapshot, adopted: [KeptModule] = [], dropped: [DroppedModule]) {
        func digests(_ snapshot: Snapshot) -> [ModulePath: Digest] {
            Dictionary(uniqueKeysWithValues: snapshot.modules.map { ($0.path, $0.blob.digest) })
        }
        let (before, now) = (digests(previous), digests(snapshot))
        self.snapshot = snapshot
        self.adopted = adopted
        self.dropped = dropped
        begun = snapshot.modules.filter { before[$0.path] != $0.blob.digest }
        ended = previous.modules.filter { now[$0.path] != $0.blob.digest }
        let known = Set(previous.rejected)
        let news = snapshot.rejected.filter { !known.contains($0) }
        rejected = Array(news.prefix(Snapshot.mostNamed))
        // Of what is only counted, nobody can tell which of it is new.
        let further = [snapshot, previous].map { $0.rejectedCount - $0.rejected.count }
        unnamedRejectionCount = news.count - rejected.count + max(further[0] - further[1], 0)
        isMended = snapshot.isComplete && !previous.isComplete
    }
}
