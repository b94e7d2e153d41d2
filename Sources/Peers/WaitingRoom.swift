// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A search that waits.
struct Search<Waiter> {
    /// Who is to be told what it comes to.
    let waiter: Waiter
    /// What is looked for.
    let digest: Digest
    /// The address of who looks for it.
    let client: String
    /// Until when it waits.
    let deadline: ContinuousClock.Instant
    /// The first round that began, or will begin, after it.
    let round: Int
}

/// How many searches may wait, in all and of one client: whatever it asks for, there is room for others, too.
struct WaitingLimit {
    var total = 4096
    var share = 1024
}

/// The searches that wait for a round, in the order in which they came.
struct WaitingRoom<Waiter> {
    private let limit: WaitingLimit
    private var counts: [String: Int] = [:]

    /// Who waits.
    private(set) var searches: [Search<Waiter>] = []

    /// An empty room.
    init(_ limit: WaitingLimit) {
        self.limit = limit
    }

    /// Whether another search of a client may enter.
    func hasRoom(for client: String) -> Bool {
        searches.count < limit.total && counts[client, default: 0] < limit.share
    }

    /// Has a search wait, whether there is room or not.
    mutating func enter(_ search: Search<Waiter>) {
        searches.append(search)
        counts[search.client, default: 0] += 1
    }

    /// Has those wait no longer of whom that is told.
    ///
    /// - Returns: Who waits no longer.
    mutating func leave(where isLeaving: (Search<Waiter>) -> Bool) -> [Search<Waiter>] {
        let leaving = searches.filter(isLeaving)
        guard !leaving.isEmpty else { return [] }
        searches.removeAll(where: isLeaving)
        for search in leaving {
            let count = counts[search.client, default: 0] - 1
            counts[search.client] = count > 0 ? count : nil
        }
        return leaving
    }
}
