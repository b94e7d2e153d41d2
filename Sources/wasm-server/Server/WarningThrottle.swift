// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The warnings about peers, or another server that this one needs: each once a minute at most, however often its reason occurs, and the end of that once.
struct WarningThrottle {
    /// Which peer fails, and at what.
    struct Subject: Hashable {
        let peer: String
        let failure: String
        /// Whether it is no more when the peer lists: one that lists may go on failing to give.
        let endsWithList: Bool
    }

    private struct Told {
        let at: ContinuousClock.Instant
        var isOver = false
    }

    private static let span = Duration.seconds(60)
    /// The most subjects that are told apart; peers come and go.
    private static let maximumCount = 1024

    private var told: [Subject: Told] = [:]

    /// Records that a peer fails, and returns whether to say so.
    mutating func note(_ subject: Subject, at now: ContinuousClock.Instant) -> Bool {
        if let last = told[subject], last.at.duration(to: now) < Self.span { return false }
        if told.count >= Self.maximumCount { told = told.filter { $0.value.at.duration(to: now) < Self.span } }
        guard told.count < Self.maximumCount || told[subject] != nil else { return false }
        told[subject] = Told(at: now)
        return true
    }

    /// Records that a peer lists again, and returns whether to say so, because a warning said the opposite.
    mutating func end(of peer: String) -> Bool {
        let subjects = told.filter { $0.key.peer == peer && $0.key.endsWithList && !$0.value.isOver }.keys
        for subject in subjects { told[subject]?.isOver = true }
        return !subjects.isEmpty
    }
}
