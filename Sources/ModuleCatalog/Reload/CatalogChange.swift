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
    /// What is rejected and was not named before, what is new of it first: as much of it as is named one by one.
    package let rejected: [RejectedModule]
    /// How much more is rejected, that is not named.
    package let unnamedRejectionCount: Int
    /// Whether nothing is rejected any more, and something was.
    package let isMended: Bool
    /// Whether what is served by name is the same, and what is rejected: that is so whenever a peer has given something.
    package let isOfKeptOnly: Bool

    /// Compares two snapshots.
    ///
    /// - Parameters:
    ///   - previous: What was served.
    ///   - snapshot: What is served now.
    ///   - adopted: What came from peers in between.
    ///   - dropped: What was kept before and is not any more.
    init(from previous: Snapshot, to snapshot: Snapshot, adopted: [KeptModule] = [], dropped: [DroppedModule]) {
        self.snapshot = snapshot
        self.adopted = adopted
        self.dropped = dropped
        isOfKeptOnly = previous.isSameButForKept(as: snapshot)
        guard !isOfKeptOnly else {
            (begun, ended, rejected, unnamedRejectionCount, isMended) = ([], [], [], 0, false)
            return
        }
        func digests(_ snapshot: Snapshot) -> [ModulePath: Digest] {
            Dictionary(uniqueKeysWithValues: snapshot.modules.map { ($0.path, $0.blob.digest) })
        }
        let (before, now) = (digests(previous), digests(snapshot))
        begun = snapshot.modules.filter { before[$0.path] != $0.blob.digest }
        ended = previous.modules.filter { now[$0.path] != $0.blob.digest }
        let (known, named) = (Set(previous.rejected), Set(previous.namedRejections))
        let news = snapshot.rejected.filter { !known.contains($0) }
        let left = snapshot.namedRejections.filter { known.contains($0) && !named.contains($0) }
        rejected = Array((news + left).prefix(Snapshot.mostNamed))
        // Of what is only counted, nobody can tell which of it is new.
        let further = [snapshot, previous].map { $0.rejectedCount - $0.rejected.count }
        unnamedRejectionCount = max(news.count - rejected.count, 0) + max(further[0] - further[1], 0)
        isMended = snapshot.isComplete && !previous.isComplete
    }
}
