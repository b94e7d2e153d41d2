// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What is known of one client.
package struct ClientRecord: Hashable, Sendable {
    /// Who it is.
    package let key: ClientKey
    /// What it said last that it is; nil if nothing.
    package private(set) var userAgent: String?
    /// What it has fetched, or tried to.
    package private(set) var fetches: [FetchSubject: FetchRecord]
    /// When it came last, in seconds since 1970.
    package private(set) var last: Int64
    /// How much memory ``fetches`` take, as ``FetchRecord/weight`` has it.
    private(set) var weight: Int

    /// The longest ``userAgent`` that is kept, in bytes.
    package static let longestUserAgent = 128
    /// The most things that are remembered of one client: the plugins of a gateway, and those before them.
    package static let mostFetches = 64
    /// What the heaviest client weighs.
    static let mostWeight = mostFetches * FetchRecord.mostWeight

    /// A client and what it came for; nil if that is nothing, or too much.
    init?(_ key: ClientKey, userAgent: String?, _ fetches: [FetchSubject: FetchRecord]) {
        guard let last = fetches.values.map(\.last.time).max(), fetches.count <= Self.mostFetches else { return nil }
        self.key = key
        self.userAgent = userAgent?.beginning(ofBytes: Self.longestUserAgent)
        (self.fetches, self.last) = (fetches, last)
        weight = fetches.values.reduce(0) { $0 + $1.weight }
    }

    /// A client that came once for one thing.
    init(_ key: ClientKey, userAgent: String?, _ subject: FetchSubject, _ fetch: FetchRecord) {
        self.key = key
        self.userAgent = userAgent?.beginning(ofBytes: Self.longestUserAgent)
        (fetches, last, weight) = ([subject: fetch], fetch.last.time, fetch.weight)
    }

    /// Whether this process has seen it itself; otherwise peers have told of it.
    package var isSeenHere: Bool { fetches.values.contains { $0.teller == nil } }

    /// Whether it was ever given anything.
    var hasHadAnything: Bool { fetches.values.contains { $0.lastSuccess != nil } }

    /// Takes in what another record says of the same client.
    ///
    /// - Parameter other: The other record.
    /// - Returns: Whether that was news, and how many fetches were forgotten for it: those that are the longest ago.
    mutating func merge(_ other: ClientRecord) -> (isNews: Bool, forgotten: Int) {
        var isNews = false
        for (subject, record) in other.fetches {
            if var present = fetches[subject] {
                weight -= present.weight
                let isChanged = present.merge(record)
                weight += present.weight
                guard isChanged else { continue }
                fetches[subject] = present
            } else {
                guard fetches.count < Self.mostFetches || record.last.time > oldestTime else { continue }
                fetches[subject] = record
                weight += record.weight
            }
            isNews = true
        }
        if (other.last, other.userAgent ?? "") > (last, userAgent ?? "") {
            (userAgent, last) = (other.userAgent, other.last)
            isNews = true
        }
        let excess = fetches.count - Self.mostFetches
        guard excess > 0 else { return (isNews, 0) }
        let oldest = fetches.sorted { ($0.value.last.time, $0.key.text) < ($1.value.last.time, $1.key.text) }
        for (subject, fetch) in oldest.prefix(excess) {
            fetches[subject] = nil
            weight -= fetch.weight
        }
        return (isNews, excess)
    }

    /// Takes times to come for the present: the clock was set back, and what comes now is not earlier.
    ///
    /// - Parameter now: The present.
    /// - Returns: Whether there were any.
    mutating func settle(at now: Int64) -> Bool {
        guard last > now else { return false }
        last = now
        fetches = fetches.mapValues { $0.settled(at: now) }
        return true
    }

    private var oldestTime: Int64 { fetches.values.map(\.last.time).min() ?? 0 }
}
