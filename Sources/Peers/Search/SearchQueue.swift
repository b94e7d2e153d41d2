// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A search that waits.
struct Search<Waiter> {
    /// Receives the outcome.
    let waiter: Waiter
    /// What is looked for.
    let digest: Digest
    /// The address of who looks for it.
    let client: String
    /// How many bytes its request has.
    let byteCount: Int
    /// Until when it waits.
    let deadline: ContinuousClock.Instant
    /// The first round that began, or will begin, after it.
    let round: Int
}

/// The searches that wait for a round, in the order in which they came.
struct SearchQueue<Waiter> {
    private var tally: WaitingTally

    /// Who waits.
    private(set) var searches: [Search<Waiter>] = []

    /// An empty room.
    init(_ limit: WaitingLimit) {
        tally = WaitingTally(limit)
    }

    /// Adds a search, if there is room.
    ///
    /// - Returns: Whether there is.
    mutating func enter(_ search: Search<Waiter>) -> Bool {
        guard tally.hasRoom(for: search.client, holding: search.byteCount) else { return false }
        searches.append(search)
        tally.enter(search)
        return true
    }

    /// Removes the matching searches; each is asked about once.
    ///
    /// - Returns: Who waits no longer.
    mutating func leave(where isLeaving: (Search<Waiter>) -> Bool) -> [Search<Waiter>] {
        var leaving: [Search<Waiter>] = []
        searches.removeAll { search in
            guard isLeaving(search) else { return false }
            leaving.append(search)
            return true
        }
        tally.leave(leaving)
        return leaving
    }
}

/// How long searches take.
struct SearchTiming: Sendable {
    /// From the beginning of one round to that of the next: no client can make this server ask its peers more often.
    ///
    /// With what it asks them by itself, each ten seconds, that is less than once a second.
    var interval = Duration.milliseconds(1200)
    /// From a request to its answer.
    ///
    /// Envoy waits 5 seconds for a module or longer, and asks again after an error.
    var deadline = Duration.seconds(4)
    /// From the end of a round for how long its lists are believed without asking again.
    var freshness = Duration.seconds(5)
}
