// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How many searches may wait, in all and of one client, so that no client takes the room of others.
struct WaitingLimit {
    /// Searches.
    var total = 4096
    /// Searches of one client.
    var share = 1024
    /// The bytes of all requests: a kilobyte for each, which a gateway's has less of.
    var bytes = 4 << 20
    /// The bytes of one client's requests.
    var byteShare = 1 << 20
}

/// How many searches wait, and how many bytes their requests have.
struct WaitingTally {
    private struct Load {
        var count = 0
        var bytes = 0
    }

    private let limit: WaitingLimit
    private var all = Load()
    private var clients: [String: Load] = [:]

    /// Nobody waits.
    init(_ limit: WaitingLimit) {
        self.limit = limit
    }

    /// Whether another search of a client may wait.
    func hasRoom(for client: String, holding bytes: Int) -> Bool {
        let own = clients[client] ?? Load()
        return all.count < limit.total && own.count < limit.share && all.bytes + bytes <= limit.bytes
            && own.bytes + bytes <= limit.byteShare
    }

    /// Counts a search.
    mutating func enter<Waiter>(_ search: Search<Waiter>) {
        add(1, search.byteCount, of: search.client)
    }

    /// Counts searches no longer.
    mutating func leave<Waiter>(_ searches: [Search<Waiter>]) {
        for search in searches { add(-1, -search.byteCount, of: search.client) }
    }

    private mutating func add(_ count: Int, _ bytes: Int, of client: String) {
        all.count += count
        all.bytes += bytes
        var own = clients[client] ?? Load()
        own.count += count
        own.bytes += bytes
        clients[client] = own.count > 0 ? own : nil
    }
}
