// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Remembers for a while which peers have failed or were slow, so that others are asked before them.
struct OutlierTracker: Sendable {
    /// For how long a peer is doubted.
    static let lifetime = Duration.seconds(30)
    /// The most peers that are doubted; there are no more than 64 at a time, but they come and go.
    private static let maximumCount = 256

    private var noted: [Peer: ContinuousClock.Instant] = [:]

    /// Records that a peer has failed or was slow.
    mutating func note(_ peer: Peer, at now: ContinuousClock.Instant) {
        if noted.count >= Self.maximumCount { noted = noted.filter { now - $0.value < Self.lifetime } }
        guard noted.count < Self.maximumCount || noted[peer] != nil else { return }
        noted[peer] = now
    }

    /// Whether a peer has failed recently.
    func contains(_ peer: Peer, at now: ContinuousClock.Instant) -> Bool {
        noted[peer].map { now - $0 < Self.lifetime } ?? false
    }

    /// Those that can give a digest, the doubted ones last.
    func order(_ holders: [Holder], at now: ContinuousClock.Instant) -> [Holder] {
        holders.filter { !contains($0.peer, at: now) } + holders.filter { contains($0.peer, at: now) }
    }
}
