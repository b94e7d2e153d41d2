// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Remembers for a while which siblings did badly, so that others are asked before them.
struct Doubts: Sendable {
    /// For how long a sibling is doubted.
    static let lifetime = Duration.seconds(30)
    /// The most siblings that are doubted; there are no more than 64 at a time, but they come and go.
    private static let maximumCount = 256

    private var noted: [Sibling: ContinuousClock.Instant] = [:]

    /// A sibling did badly.
    mutating func note(_ sibling: Sibling, at now: ContinuousClock.Instant) {
        if noted.count >= Self.maximumCount { noted = noted.filter { now - $0.value < Self.lifetime } }
        guard noted.count < Self.maximumCount || noted[sibling] != nil else { return }
        noted[sibling] = now
    }

    /// Whether a sibling did badly of late.
    func contains(_ sibling: Sibling, at now: ContinuousClock.Instant) -> Bool {
        noted[sibling].map { now - $0 < Self.lifetime } ?? false
    }

    /// Those that can give a digest, the doubted ones last.
    func order(_ holders: [Holder], at now: ContinuousClock.Instant) -> [Holder] {
        holders.filter { !contains($0.sibling, at: now) } + holders.filter { contains($0.sibling, at: now) }
    }
}
