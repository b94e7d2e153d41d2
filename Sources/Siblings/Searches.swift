// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// Decides who is answered what and when: the searches that wait, the rounds in which siblings are asked, the fetches.
///
/// It does nothing by itself: it is told what happens, and says what to do. Once an event has been told, whoever drives it
/// calls ``tick(at:)`` at the latest at ``wakeAt``.
///
/// 1. A digest that is being fetched, or that a recent list has, is waited for by joining its fetch.
/// 2. Any other waits for a round, in a room with so many places. A round begins when someone waits for one, the last has
///    ended, and it began long enough ago.
/// 3. As soon as a list of the round has the digest, it is fetched.
/// 4. When a round ends that began after a request, its digest is unknown if everyone was heard and nobody lists it.
/// 5. A fetch that fails sends those back to the room that asked after its round had begun.
struct Searches<Waiter> {
    typealias Instant = ContinuousClock.Instant

    /// What is to be done.
    enum Action {
        /// Tell one who waits.
        case answer(Waiter, SearchOutcome)
        /// Ask every sibling, tell each list, then that they were all called.
        case callRoll
        /// Fetch a digest, from this sibling first, then tell how it went.
        case fetch(Digest, Holder)
        /// Tell that a digest is not fetched because it is listed only with more bytes than are kept.
        case reportTooLarge(Digest, Holder)
    }

    /// A search that waits.
    private struct Search {
        let waiter: Waiter
        let digest: Digest
        let deadline: Instant
        /// The first round that began, or will begin, after it.
        let round: Int
    }

    /// A digest that is fetched, or will be when it is its turn.
    private struct Fetch {
        var searches: [Search] = []
        /// Who was asked for it.
        var tried: [Sibling] = []
        /// Who is being asked for it; nobody before it begins.
        var attempts: Set<Sibling> = []
        var hasBegun = false
        var isSlow = false
    }

    private let maximumWaiting: Int
    private let maximumFetches: Int
    private let maximumAttempts: Int
    private let largest: Int
    private let timing: SearchTiming

    private var waiting: [Search] = []
    private var fetches: [Digest: Fetch] = [:]
    /// The fetches that have not begun, in their order.
    private var queue: [Digest] = []
    /// How many fetches have begun and are not slow: a sibling that hangs must not keep others from being asked.
    private var fetchingCount = 0
    private var attemptCount = 0
    private var joinedCount = 0
    private var doubts = Doubts()

    /// The number of the round that began last.
    private var round = 0
    private var isCalling = false
    private var roundBegan: Instant?
    private var roundEnded: Instant?
    /// What the lists of the round that ended last have, and of the one that is under way.
    private var lastHoldings = Holdings()
    private var holdings = Holdings()

    /// No later than the first time at which a search has waited long enough; nil if none waits.
    private var expiry: Instant?

    /// Nobody waits.
    ///
    /// - Parameters:
    ///   - largest: The largest module that is fetched, in bytes.
    ///   - maximumWaiting: How many may wait for a round, and as many for fetches.
    ///   - maximumFetches: How many digests are fetched at one time, without those that take long.
    ///   - maximumAttempts: How many siblings are asked for digests at one time.
    ///   - timing: How long it all takes.
    init(
        largest: Int,
        maximumWaiting: Int = 1024,
        maximumFetches: Int = 4,
        maximumAttempts: Int = 16,
        timing: SearchTiming = SearchTiming()
    ) {
        self.maximumWaiting = maximumWaiting
        self.maximumFetches = maximumFetches
        self.maximumAttempts = maximumAttempts
        self.largest = largest
        self.timing = timing
    }

    /// When to call ``tick(at:)``; nil for not at all.
    var wakeAt: Instant? {
        let begin = waiting.isEmpty || isCalling ? nil : roundBegan.map { $0 + timing.interval }
        return [expiry, begin].compactMap(\.self).min()
    }
}

// MARK: Requests

extension Searches {
    /// Someone looks for a digest.
    mutating func ask(for digest: Digest, _ waiter: Waiter, at now: Instant) -> [Action] {
        let search = Search(waiter: waiter, digest: digest, deadline: now + timing.patience, round: round + 1)
        let isRecent = roundEnded.map { now <= $0 + timing.freshness } ?? false
        if !isRecent { lastHoldings = Holdings() }
        if fetches[digest] != nil || canFetch(digest) {
            guard joinedCount < maximumWaiting else { return [.answer(waiter, .unavailable)] }
            expect(search)
            join(search)
            return beginFetches(at: now)
        }
        guard waiting.count < maximumWaiting else { return [.answer(waiter, .unavailable)] }
        expect(search)
        waiting.append(search)
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
        let all = waiting + fetches.values.flatMap(\.searches)
        waiting = []
        fetches = [:]
        queue = []
        expiry = nil
        return all.map { .answer($0.waiter, .unavailable) }
    }

    private mutating func expect(_ search: Search) {
        expiry = min(expiry ?? search.deadline, search.deadline)
    }

    private mutating func expire(at now: Instant) -> [Action] {
        var late = waiting.filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        expiry = waiting.map(\.deadline).min()
        for digest in Array(fetches.keys) {
            guard var fetch = fetches[digest] else { continue }
            let count = fetch.searches.count
            late += fetch.searches.filter { $0.deadline <= now }
            fetch.searches.removeAll { $0.deadline <= now }
            joinedCount -= count - fetch.searches.count
            if let first = fetch.searches.map(\.deadline).min() { expiry = min(expiry ?? first, first) }
            // What has begun goes on, so that whoever asks again finds it.
            fetches[digest] = fetch.hasBegun || !fetch.searches.isEmpty ? fetch : nil
        }
        queue.removeAll { fetches[$0] == nil }
        return late.map { .answer($0.waiter, .unavailable) }
    }
}

// MARK: Rounds

extension Searches {
    /// A sibling told what it can give.
    ///
    /// - Parameters:
    ///   - entries: What it can give.
    ///   - sibling: Who it is.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func hear(_ entries: [SiblingList.Entry], from sibling: Sibling, at now: Instant) -> [Action] {
        holdings.add(entries, of: sibling)
        return fetchListed(at: now)
    }

    /// Every sibling was asked.
    ///
    /// - Parameters:
    ///   - heardAll: Whether all who could be a sibling have told everything.
    ///   - now: The present.
    /// - Returns: What is to be done.
    mutating func endRound(heardAll: Bool, at now: Instant) -> [Action] {
        isCalling = false
        roundEnded = now
        var actions: [Action] = []
        var tooLarge: Set<Digest> = []
        let largest = largest
        waiting.removeAll { search in
            guard search.round <= round else { return false }
            // Had anyone listed it with fewer bytes, it would be fetched by now.
            if let holder = holdings.holders(of: search.digest).first(where: { $0.size > largest }),
                tooLarge.insert(search.digest).inserted
            {
                actions.append(.reportTooLarge(search.digest, holder))
            }
            let isUnknown = heardAll && holdings.isComplete && !holdings.lists(search.digest)
            actions.append(.answer(search.waiter, isUnknown ? .unknown : .unavailable))
            return true
        }
        lastHoldings = holdings
        holdings = Holdings()
        return actions + beginRoundIfDue(at: now)
    }

    private mutating func beginRoundIfDue(at now: Instant) -> [Action] {
        guard !waiting.isEmpty, !isCalling, roundBegan.map({ now >= $0 + timing.interval }) ?? true else { return [] }
        round += 1
        isCalling = true
        roundBegan = now
        return [.callRoll]
    }

    /// Has everything fetched that someone waits for in the room and that can be.
    private mutating func fetchListed(at now: Instant) -> [Action] {
        var rest: [Search] = []
        for search in waiting {
            if canFetch(search.digest) { join(search) } else { rest.append(search) }
        }
        waiting = rest
        return beginFetches(at: now)
    }
}

// MARK: Fetches

extension Searches {
    /// A fetch does not go as it should.
    ///
    /// - Parameters:
    ///   - setback: What has happened.
    ///   - digest: What is fetched.
    ///   - now: The present.
    /// - Returns: Who is to be asked now, if anyone can be, and what else is to be done.
    mutating func takeSetback(
        _ setback: Setback,
        of digest: Digest,
        at now: Instant
    ) -> (next: Holder?, actions: [Action]) {
        guard var fetch = fetches[digest] else { return (nil, []) }
        switch setback {
        case .slow:
            if !fetch.isSlow { fetchingCount -= 1 }
            fetch.isSlow = true
        case .failed(let sibling, let error):
            if error.castsDoubt { doubts.note(sibling, at: now) }
            if fetch.attempts.remove(sibling) != nil { attemptCount -= 1 }
        }
        fetches[digest] = fetch
        let next = beginAttempt(of: digest, at: now)
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
        guard let fetch = fetches.removeValue(forKey: digest) else { return [] }
        if !fetch.isSlow { fetchingCount -= 1 }
        attemptCount -= fetch.attempts.count
        joinedCount -= fetch.searches.count
        if let blob { return fetch.searches.map { .answer($0.waiter, .found(blob)) } + beginFetches(at: now) }
        holdings.remove(fetch.tried, of: digest)
        lastHoldings.remove(fetch.tried, of: digest)
        var actions: [Action] = []
        for search in fetch.searches {
            // Someone else may have listed it meanwhile, or may still do so in this round or one to come.
            if canFetch(digest) || isCalling || search.round > round {
                waiting.append(search)
            } else {
                actions.append(.answer(search.waiter, .unavailable))
            }
        }
        return actions + fetchListed(at: now)
    }

    private mutating func beginAttempt(of digest: Digest, at now: Instant) -> Holder? {
        guard attemptCount < maximumAttempts, let fetch = fetches[digest] else { return nil }
        let untried = holders(of: digest).filter { !fetch.tried.contains($0.sibling) }
        guard let holder = doubts.order(untried, at: now).first else { return nil }
        attemptCount += 1
        fetches[digest]?.tried.append(holder.sibling)
        fetches[digest]?.attempts.insert(holder.sibling)
        return holder
    }

    private func canFetch(_ digest: Digest) -> Bool { !holders(of: digest).isEmpty }

    private func holders(of digest: Digest) -> [Holder] {
        let fresh = holdings.holders(of: digest)
        let older = lastHoldings.holders(of: digest).filter { old in !fresh.contains { $0.sibling == old.sibling } }
        return (fresh + older).filter { $0.size <= largest }
    }

    private mutating func join(_ search: Search) {
        if fetches[search.digest] == nil { queue.append(search.digest) }
        fetches[search.digest, default: Fetch()].searches.append(search)
        joinedCount += 1
    }

    /// Begins those whose turn it is.
    private mutating func beginFetches(at now: Instant) -> [Action] {
        var actions: [Action] = []
        while fetchingCount < maximumFetches, attemptCount < maximumAttempts, let digest = queue.first {
            queue.removeFirst()
            guard let holder = beginAttempt(of: digest, at: now) else {
                // Whoever listed it no longer does.
                sendBack(digest)
                continue
            }
            fetches[digest]?.hasBegun = true
            fetchingCount += 1
            actions.append(.fetch(digest, holder))
        }
        return actions
    }

    private mutating func sendBack(_ digest: Digest) {
        guard let fetch = fetches.removeValue(forKey: digest) else { return }
        joinedCount -= fetch.searches.count
        waiting += fetch.searches
    }
}
