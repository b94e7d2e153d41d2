// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The digests that peers list and someone waits for: which are fetched, and which are to be.
struct DigestFetches<Search> {
    typealias Instant = ContinuousClock.Instant

    /// Tells who lists a digest, and may give it.
    typealias Directory = (Digest) -> [Holder]

    /// Who waits for each digest that is fetched, or will be; perhaps nobody any more for what is under way.
    private var waiting: [Digest: [Search]] = [:]
    /// The digests whose fetches have not begun, in their order.
    private var queue: [Digest] = []
    /// Those that have begun, which are few, however many wait for their turn.
    private var attempts: FetchAttempts

    /// Nothing is fetched.
    ///
    /// - Parameters:
    ///   - maximumFetches: How many digests are fetched at one time, without those that take long.
    ///   - maximumAttempts: How many peers are asked for digests at one time.
    init(maximumFetches: Int, maximumAttempts: Int) {
        attempts = FetchAttempts(maximumFetches: maximumFetches, maximumAttempts: maximumAttempts)
    }

    /// Whether a digest is fetched, or will be.
    func contains(_ digest: Digest) -> Bool { waiting[digest] != nil }

    /// Adds someone who waits for a digest.
    mutating func join(_ digest: Digest, _ search: Search) {
        if !contains(digest) { queue.append(digest) }
        waiting[digest, default: []].append(search)
    }

    /// Begins those whose turn it is.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - holders: Tells who lists a digest.
    /// - Returns: Who is to be asked for what, and who waits for what nobody lists any more.
    mutating func begin(at now: Instant, holders: Directory) -> (begun: [(Digest, Holder)], left: [Search]) {
        var begun: [(Digest, Holder)] = []
        var left: [Search] = []
        while let digest = queue.first, attempts.mayBegin {
            queue.removeFirst()
            if let holder = attempts.ask(for: digest, among: holders(digest), at: now) {
                begun.append((digest, holder))
            } else {
                left += waiting.removeValue(forKey: digest) ?? []
            }
        }
        return (begun, left)
    }

    /// Records that a fetch does not go as it should, and chooses who is asked next.
    ///
    /// - Parameters:
    ///   - setback: What has happened.
    ///   - digest: What is fetched.
    ///   - now: The present.
    ///   - holders: Tells who lists a digest.
    /// - Returns: Who is to be asked now, if anyone can be.
    mutating func nextHolder(
        after setback: Setback,
        of digest: Digest,
        at now: Instant,
        holders: Directory
    ) -> Holder? {
        guard attempts.contains(digest) else { return nil }
        attempts.note(setback, of: digest, at: now)
        return attempts.ask(for: digest, among: holders(digest), at: now)
    }

    /// A fetch has ended.
    ///
    /// - Returns: Who waited for it, and who was asked for it; nil if there was none.
    mutating func end(_ digest: Digest) -> (searches: [Search], tried: [Peer])? {
        let tried = attempts.end(digest)?.tried ?? []
        return waiting.removeValue(forKey: digest).map { ($0, tried) }
    }

    /// Removes the matching searches.
    ///
    /// Fetches that have begun go on, so that a client that asks again finds them.
    ///
    /// - Returns: Who waits no longer.
    mutating func leave(where isLeaving: (Search) -> Bool) -> [Search] {
        var leaving: [Search] = []
        for (digest, var searches) in waiting {
            leaving += searches.filter(isLeaving)
            searches.removeAll(where: isLeaving)
            waiting[digest] = attempts.contains(digest) || !searches.isEmpty ? searches : nil
        }
        queue.removeAll { waiting[$0] == nil }
        return leaving
    }

    /// Who waits.
    var searches: [Search] { waiting.values.flatMap(\.self) }

    /// Forgets everything.
    mutating func removeAll() {
        waiting = [:]
        queue = []
        attempts.removeAll()
    }
}
