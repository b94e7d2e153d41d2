// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Decides what a server fetches from its peers before anyone asks for it, and in which order.
///
/// What peers serve now goes before what they only keep, and of that what was used last goes first. Nothing is fetched for
/// which something else would have to go. What is listed only by peers that have failed lately goes last.
struct AdoptionPlan: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How much is taken over.
    enum Scope: Sendable {
        /// What peers serve and keep.
        case everything
        /// What peers serve, and what they keep and was last used after a time, in seconds since 1970: what is older would
        /// go round for ever. But nothing more from one that has failed lately or takes long: this is done again and again, and it
        /// would be asked each time for whatever it lists.
        case lasting(since: Int64)
    }

    /// What is to be fetched.
    struct Order: Sendable {
        let digest: Digest
        /// Who is asked first.
        let first: Holder
        /// When it was last used, in seconds since 1970; nil if it is in use.
        let lastUsed: Int64?
    }

    /// What there is room for, in bytes.
    struct Room: Sendable {
        /// How much more can be kept.
        let kept: Int
        /// How much of that has not been received.
        let free: Int
        /// The largest module that is kept.
        let largest: Int
    }

    private enum Use {
        case current
        case kept(last: Int64?)
    }

    /// How many digests may wait for room before none is looked at any more: they are all looked at again and again.
    private static let maximumDeferred = 256

    private let scope: Scope

    /// What has come of it so far.
    private(set) var report = AdoptionReport()

    private var locations = DigestLocations()
    private var uses: [Digest: Use] = [:]
    /// What was listed, in that order.
    private var listed: [Digest] = []
    /// What is to be fetched; the last is the next.
    private var queue: [Digest] = []
    /// What only doubted peers list.
    private var later: [Digest] = []
    /// What waits for room that fetches may yet leave.
    private var deferred: [Digest] = []
    private var attempts = FetchAttempts(maximumFetches: 2, maximumAttempts: 16)
    /// The memory that is kept free for each fetch, in bytes, unless it is slow: an earlier fetch must not lose its room.
    private var reserved: [Digest: Int] = [:]
    /// The digests that found no room when they came, beside those of other peers.
    private var lackedRoom: Set<Digest> = []
    private var asksDoubted = false

    /// A plan to take over so much.
    init(_ scope: Scope) {
        self.scope = scope
    }

    /// Records what a peer can give.
    mutating func receive(_ entries: [PeerList.Entry], from peer: Peer) {
        report.answeredCount += 1
        let entries = entries.filter(isTaken)
        locations.add(entries, of: peer)
        for entry in entries where locations.lists(entry.digest) {
            switch uses[entry.digest] {
            case nil:
                listed.append(entry.digest)
                uses[entry.digest] = entry.isCurrent ? .current : .kept(last: entry.lastUsed)
            case .kept where entry.isCurrent:
                uses[entry.digest] = .current
            case .kept(let last):
                uses[entry.digest] = .kept(last: [last, entry.lastUsed].compactMap(\.self).max())
            case .current:
                break
            }
        }
    }

    private func isTaken(_ entry: PeerList.Entry) -> Bool {
        guard case .lasting(let since) = scope, !entry.isCurrent else { return true }
        return entry.lastUsed.map { $0 > since } ?? false
    }

    /// Everyone was asked.
    mutating func endRound(_ outcome: ListingRound.Outcome) {
        report.heardAll = outcome.heardAll
        report.isNobodyThere = outcome.isNobodyThere
        var current: [Digest] = []
        var kept: [(place: Int, digest: Digest, last: Int64)] = []
        for (place, digest) in listed.enumerated() {
            switch uses[digest] {
            case .kept(let last): kept.append((place, digest, last ?? .min))
            default: current.append(digest)
            }
        }
        kept.sort { $0.last != $1.last ? $0.last > $1.last : $0.place < $1.place }
        queue = (current + kept.map(\.digest)).reversed()
        listed = []
    }

    /// Whether nothing is being fetched.
    var isIdle: Bool { attempts.fetches.isEmpty }

    /// Who takes long to give a digest.
    var slowAttempts: [(Peer, Digest)] {
        attempts.fetches.flatMap { digest, fetch in fetch.attempts.filter(\.value).map { ($0.key, digest) } }
    }

    /// What is to be fetched now; nil when there is nothing, or when fetches have to end first.
    ///
    /// - Parameters:
    ///   - room: What there is room for.
    ///   - now: The present.
    ///   - isHere: Whether a digest needs no fetching.
    /// - Returns: What is to be fetched.
    mutating func next(in room: Room, at now: Instant, isHere: (Digest) -> Bool) -> Order? {
        guard attempts.mayBegin else { return nil }
        let free = attempts.fetches.filter { !$0.value.isSlow }.keys.reduce(room.free) { $0 - (reserved[$1] ?? 0) }
        while let digest = takeNext() {
            guard !isHere(digest) else { continue }
            let fitting = locations.holders(of: digest).filter { $0.size <= min(room.kept, room.largest) }
            guard fitting.isEmpty || asksDoubted || fitting.contains(where: { !attempts.isDoubted($0.peer, at: now) })
            else {
                later.append(digest)
                continue
            }
            guard let first = attempts.ask(for: digest, among: fitting.filter { $0.size <= free }, at: now) else {
                if fitting.isEmpty || isIdle {
                    if isMissed(digest) { report.leftOutCount += 1 }
                    continue
                }
                deferred.append(digest)
                if deferred.count < Self.maximumDeferred { continue }
                return nil
            }
            reserved[digest] = first.size
            guard case .kept(let last) = uses[digest] else {
                return Order(digest: digest, first: first, lastUsed: nil)
            }
            return Order(digest: digest, first: first, lastUsed: last)
        }
        return nil
    }

    /// Records that a fetch does not go as it should, and chooses who is asked next.
    ///
    /// - Parameters:
    ///   - setback: What has happened.
    ///   - digest: What is fetched.
    ///   - room: What there is room for.
    ///   - now: The present.
    /// - Returns: Who is to be asked now, if anyone can be.
    mutating func nextHolder(after setback: Setback, of digest: Digest, in room: Room, at now: Instant) -> Holder? {
        guard attempts.contains(digest) else { return nil }
        switch setback {
        case .slow:
            if isRepeated { attempts.doubtThoseAsked(for: digest, at: now) }
            retryDeferred()
        case .failed(_, let error):
            if error == .noMemory { lackedRoom.insert(digest) }
        }
        attempts.note(setback, of: digest, at: now)
        let fitting = locations.holders(of: digest).filter { $0.size <= min(room.kept, room.free, room.largest) }
        return attempts.ask(for: digest, among: fitting, at: now)
    }

    /// A fetch has ended with so many bytes; without any if nobody gave it.
    mutating func endFetch(of digest: Digest, byteCount: Int?) {
        attempts.end(digest)
        reserved[digest] = nil
        let lackedRoom = lackedRoom.remove(digest) != nil
        if let byteCount {
            report.adoptedCount += 1
            report.adoptedBytes += byteCount
        } else if lackedRoom, !isIdle {
            deferred.append(digest)
            return
        } else {
            report.failedCount += 1
        }
        retryDeferred()
    }

    /// The time is up.
    mutating func runOutOfTime(isHere: (Digest) -> Bool) {
        report.ranOutOfTime = true
        report.lateCount = attempts.fetches.count + (queue + later + deferred).count { !isHere($0) }
    }

    /// Whether this is done again and again.
    private var isRepeated: Bool {
        if case .lasting = scope { true } else { false }
    }

    /// Whether it matters that there is no room for a digest; for what is only kept there often is none.
    private func isMissed(_ digest: Digest) -> Bool {
        guard isRepeated, case .kept = uses[digest] else { return true }
        return false
    }

    private mutating func retryDeferred() {
        queue += deferred.reversed()
        deferred = []
    }

    private mutating func takeNext() -> Digest? {
        if queue.isEmpty, !later.isEmpty, !isRepeated {
            queue = later.reversed()
            later = []
            asksDoubted = true
        }
        return queue.popLast()
    }
}
