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
        /// The bytes that are set aside for it; none before it begins.
        var attempts: [Sibling: Int] = [:]
        var hasBegun = false
    }

    private let maximumWaiting: Int
    private let maximumFetches: Int
    private let largest: Int
    private let timing: SearchTiming

    private var waiting: [Search] = []
    private var fetches: [Digest: Fetch] = [:]
    /// The fetches that have not begun, in their order.
    private var queue: [Digest] = []
    private var fetchingCount = 0
    private var joinedCount = 0
    private var budget: ByteBudget

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
    ///   - largest: The largest module that is fetched, and how much is fetched at one time, in bytes.
    ///   - maximumWaiting: How many may wait for a round, and as many for fetches.
    ///   - maximumFetches: How many digests are fetched at one time.
    ///   - timing: How long it all takes.
    init(largest: Int, maximumWaiting: Int = 1024, maximumFetches: Int = 4, timing: SearchTiming = SearchTiming()) {
        self.maximumWaiting = maximumWaiting
        self.maximumFetches = maximumFetches
        self.largest = largest
        self.timing = timing
        budget = ByteBudget(largest)
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
        let isRoundDue = !isCalling && (roundBegan.map { now >= $0 + timing.interval } ?? true)
        let search = Search(waiter: waiter, digest: digest, deadline: now + timing.patience, round: round + 1)
        let isRecent = roundEnded.map { now <= $0 + timing.freshness } ?? false
        if !isRecent { lastHoldings = Holdings() }
        if fetches[digest] != nil || canFetch(digest) {
            guard joinedCount < maximumWaiting else { return [.answer(waiter, .unavailable)] }
            expect(search)
            join(search)
            return beginFetches()
        }
        guard waiting.count < maximumWaiting else { return [.answer(waiter, .unavailable)] }
        expect(search)
        waiting.append(search)
        return isRoundDue ? beginRound(at: now) : []
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
    mutating func hear(_ entries: [SiblingList.Entry], from sibling: Sibling) -> [Action] {
        holdings.add(entries, of: sibling)
        return fetchListed()
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
        waiting.removeAll { search in
            guard search.round <= round else { return false }
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
        return beginRound(at: now)
    }

    private mutating func beginRound(at now: Instant) -> [Action] {
        round += 1
        isCalling = true
        roundBegan = now
        return [.callRoll]
    }

    /// Has everything fetched that someone waits for in the room and that can be.
    private mutating func fetchListed() -> [Action] {
        var rest: [Search] = []
        for search in waiting {
            if canFetch(search.digest) { join(search) } else { rest.append(search) }
        }
        waiting = rest
        return beginFetches()
    }
}

// MARK: Fetches

extension Searches {
    /// Who is to be asked next for a digest that is being fetched; nil if there is nobody, or no room for more bytes.
    mutating func nextHolder(of digest: Digest) -> Holder? {
        guard var fetch = fetches[digest],
            let holder = holders(of: digest).first(where: { !fetch.tried.contains($0.sibling) }),
            budget.take(holder.size)
        else { return nil }
        fetch.tried.append(holder.sibling)
        fetch.attempts[holder.sibling] = holder.size
        fetches[digest] = fetch
        return holder
    }

    /// A sibling did not give a digest.
    mutating func endAttempt(_ digest: Digest, by sibling: Sibling) {
        budget.give(back: fetches[digest]?.attempts.removeValue(forKey: sibling) ?? 0)
    }

    /// A fetch has ended: with the bytes, or without.
    mutating func endFetch(of digest: Digest, with blob: SealedBlob?) -> [Action] {
        guard let fetch = fetches.removeValue(forKey: digest) else { return [] }
        fetchingCount -= 1
        joinedCount -= fetch.searches.count
        for size in fetch.attempts.values { budget.give(back: size) }
        if let blob { return fetch.searches.map { .answer($0.waiter, .found(blob)) } + beginFetches() }
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
        return actions + fetchListed()
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

    /// Begins those whose turn it is, as far as there is room for their bytes.
    private mutating func beginFetches() -> [Action] {
        var actions: [Action] = []
        while fetchingCount < maximumFetches, let digest = queue.first {
            guard let holder = nextHolder(of: digest) else {
                // Either there is no room yet, or whoever listed it no longer does.
                guard !canFetch(digest) else { return actions }
                queue.removeFirst()
                sendBack(digest)
                continue
            }
            queue.removeFirst()
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
