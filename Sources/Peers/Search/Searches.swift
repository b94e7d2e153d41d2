// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// Decides who is answered what and when: the searches that wait, the rounds in which peers are asked, the fetches.
///
/// A pure state machine: events go in, actions come out. After each event its driver calls ``tick(at:)`` by ``wakeAt``.
///
/// 1. A search for a digest that is being fetched, or that a recent list has, joins that fetch.
/// 2. Any other search waits in a bounded queue, of which one client gets a part, for a round of listing. A round begins when
///    a search waits for one, the last has ended, and it began long enough ago.
/// 3. As soon as a list of the round has the digest, it is fetched.
/// 4. When a round ends that began after a request, its digest is unknown if everyone was heard and nobody lists it.
/// 5. A failed fetch sends the searches that came after its round had begun back to the queue, while there is room.
struct Searches<Waiter> {
    typealias Instant = ContinuousClock.Instant

    /// What is to be done.
    enum Action {
        /// Tell one who waits.
        case answer(Waiter, SearchOutcome)
        /// Ask every peer, tell each list, then that they were all called.
        case startRound
        /// Fetch a digest, from this peer first, then tell how it went.
        case fetch(Digest, Holder)
        /// Tell that a digest is not fetched because it is listed only with more bytes than are kept.
        case reportTooLarge(Digest, Holder)
    }

    private let limit: WaitingLimit
    private let timing: SearchTiming

    private var waiting: SearchQueue<Waiter>
    private var fetches: DigestFetches<Search<Waiter>>
    /// Those that wait for fetches.
    private var joined: WaitingTally

    /// The number of the round that began last.
    private var round = 0
    private var isRoundRunning = false
    private var roundBegan: Instant?
    private var roundEnded: Instant?
    private var locations: RecentLocations

    /// No later than the first time at which a search has waited long enough; nil if none waits.
    private var expiry: Instant?

    /// Nobody waits.
    ///
    /// - Parameters:
    ///   - largest: The largest module that is fetched, in bytes.
    ///   - limit: How many may wait for a round, and as many for fetches.
    ///   - maximumFetches: How many digests are fetched at one time, without those that take long.
    ///   - maximumAttempts: How many peers are asked for digests at one time.
    ///   - timing: How long it all takes.
    init(
        largest: Int,
        limit: WaitingLimit = WaitingLimit(),
        maximumFetches: Int = 4,
        maximumAttempts: Int = 16,
        timing: SearchTiming = SearchTiming()
    ) {
        self.limit = limit
        waiting = SearchQueue(limit)
        joined = WaitingTally(limit)
        fetches = DigestFetches(maximumFetches: maximumFetches, maximumAttempts: maximumAttempts)
        locations = RecentLocations(largest: largest)
        self.timing = timing
    }

    /// When to call ``tick(at:)``; nil for not at all.
    var wakeAt: Instant? {
        let begin = waiting.searches.isEmpty || isRoundRunning ? nil : roundBegan.map { $0 + timing.interval }
        return [expiry, begin].compactMap(\.self).min()
    }
}

// MARK: Requests

extension Searches {
    /// Someone looks for a digest.
    ///
    /// - Parameters:
    ///   - digest: What is looked for.
    ///   - client: The address of who looks for it.
    ///   - byteCount: How many bytes the request has, which is held meanwhile.
    ///   - waiter: Who is to be told.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func ask(
        for digest: Digest,
        from client: String,
        holding byteCount: Int,
        _ waiter: Waiter,
        at now: Instant
    ) -> [Action] {
        let search = Search(
            waiter: waiter,
            digest: digest,
            client: client,
            byteCount: byteCount,
            deadline: now + timing.deadline,
            round: round + 1
        )
        let isRecent = roundEnded.map { now <= $0 + timing.freshness } ?? false
        if !isRecent { locations.forgetLast() }
        if fetches.contains(digest) || canFetch(digest) {
            guard joined.hasRoom(for: client, holding: byteCount) else { return [.answer(waiter, .unavailable)] }
            expect(search)
            join(search)
            return beginFetches(at: now)
        }
        guard waiting.enter(search) else { return [.answer(waiter, .unavailable)] }
        expect(search)
        return beginRoundIfDue(at: now)
    }

    /// Time has passed.
    mutating func tick(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let expiry, expiry <= now { actions += expire(at: now) }
        return actions + beginRoundIfDue(at: now)
    }

    /// Nothing will be done any more.
    mutating func close() -> [Action] {
        let all = waiting.leave { _ in true } + fetches.searches
        fetches.removeAll()
        joined = WaitingTally(limit)
        expiry = nil
        return all.map { .answer($0.waiter, .unavailable) }
    }

    private mutating func join(_ search: Search<Waiter>) {
        fetches.join(search.digest, search)
        joined.enter(search)
    }

    private mutating func expect(_ search: Search<Waiter>) {
        expiry = min(expiry ?? search.deadline, search.deadline)
    }

    private mutating func expire(at now: Instant) -> [Action] {
        func isLate(_ search: Search<Waiter>) -> Bool { search.deadline <= now }
        let lateToJoin = fetches.leave(where: isLate)
        joined.leave(lateToJoin)
        let late = waiting.leave(where: isLate) + lateToJoin
        let deadlines = waiting.searches.lazy.map(\.deadline)
        expiry = [deadlines.min(), fetches.searches.lazy.map(\.deadline).min()].compactMap(\.self).min()
        return late.map { .answer($0.waiter, .unavailable) }
    }
}

// MARK: Rounds

extension Searches {
    /// A peer told what it can give.
    ///
    /// - Parameters:
    ///   - entries: What it can give.
    ///   - peer: Who it is.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func receive(_ entries: [PeerList.Entry], from peer: Peer, at now: Instant) -> [Action] {
        locations.add(entries, of: peer)
        return fetchListed(at: now)
    }

    /// Every peer was asked.
    ///
    /// - Parameters:
    ///   - heardAll: Whether all who could be a peer have told everything.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func endRound(heardAll: Bool, at now: Instant) -> [Action] {
        isRoundRunning = false
        roundEnded = now
        var actions: [Action] = []
        var tooLarge: Set<Digest> = []
        let listed = locations.current
        let due = waiting.leave { [round] search in search.round <= round }
        for search in due {
            if !canFetch(search.digest),
                let holder = listed.holders(of: search.digest).first(where: { $0.size > locations.largest }),
                tooLarge.insert(search.digest).inserted
            {
                actions.append(.reportTooLarge(search.digest, holder))
            }
            let isUnknown = heardAll && listed.isComplete && !listed.lists(search.digest)
            actions.append(.answer(search.waiter, isUnknown ? .unknown : .unavailable))
        }
        locations.endRound()
        return actions + beginRoundIfDue(at: now)
    }

    private mutating func beginRoundIfDue(at now: Instant) -> [Action] {
        guard !waiting.searches.isEmpty, !isRoundRunning, roundBegan.map({ now >= $0 + timing.interval }) ?? true else {
            return []
        }
        round += 1
        isRoundRunning = true
        roundBegan = now
        return [.startRound]
    }

    /// Fetches everything that someone waits for in the queue and that can be fetched.
    ///
    /// Whoever may not join those that wait for fetches stays in the queue until there are fewer.
    private mutating func fetchListed(at now: Instant) -> [Action] {
        var joining = joined
        let listed = waiting.leave { [locations] search in
            guard !locations.holders(of: search.digest).isEmpty,
                joining.hasRoom(for: search.client, holding: search.byteCount)
            else { return false }
            joining.enter(search)
            return true
        }
        for search in listed { join(search) }
        return beginFetches(at: now)
    }
}

// MARK: Fetches

extension Searches {
    /// Records that a fetch does not go as it should, and chooses who is asked next.
    ///
    /// - Parameters:
    ///   - setback: What has happened.
    ///   - digest: What is fetched.
    ///   - now: The present.
    /// - Returns: Who is to be asked now, if anyone can be, and what else is to be done.
    mutating func nextHolder(
        after setback: Setback,
        of digest: Digest,
        at now: Instant
    ) -> (next: Holder?, actions: [Action]) {
        let next = fetches.nextHolder(after: setback, of: digest, at: now, holders: locations.holders)
        return (next, beginFetches(at: now))
    }

    /// A fetch has ended.
    ///
    /// - Parameters:
    ///   - digest: What was fetched.
    ///   - blob: The bytes; nil if nobody gave them.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func endFetch(of digest: Digest, with blob: SealedBlob?, at now: Instant) -> [Action] {
        guard let fetch = fetches.end(digest) else { return [] }
        joined.leave(fetch.searches)
        if let blob { return fetch.searches.map { .answer($0.waiter, .found(blob)) } + fetchListed(at: now) }
        locations.remove(fetch.tried, of: digest)
        var actions: [Action] = []
        for search in fetch.searches {
            // Someone else may have listed it meanwhile, or may still do so in this round or one to come.
            let mayBeFound = canFetch(digest) || isRoundRunning || search.round > round
            if !mayBeFound || !waiting.enter(search) { actions.append(.answer(search.waiter, .unavailable)) }
        }
        return actions + fetchListed(at: now)
    }

    private func canFetch(_ digest: Digest) -> Bool { !locations.holders(of: digest).isEmpty }

    /// Begins the fetches whose turn it is.
    ///
    /// A search whose digest nobody lists any more goes back to the queue, if there is room.
    private mutating func beginFetches(at now: Instant) -> [Action] {
        let (begun, left) = fetches.begin(at: now, holders: locations.holders)
        joined.leave(left)
        let turnedAway = left.filter { !waiting.enter($0) }
        return begun.map { .fetch($0, $1) } + turnedAway.map { .answer($0.waiter, .unavailable) }
    }
}
