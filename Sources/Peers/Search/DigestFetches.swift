// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The digests that peers list and someone waits for: which are fetched, from whom, and which are to be.
struct DigestFetches<Search> {
    typealias Instant = ContinuousClock.Instant

    /// Tells who lists a digest, and may give it.
    typealias Directory = (Digest) -> [Holder]

    /// A digest that is fetched, or will be when it is its turn.
    struct Fetch {
        /// Who waits for it.
        fileprivate(set) var searches: [Search] = []
        /// Who was asked for it.
        fileprivate(set) var tried: [Peer] = []
        /// Who is being asked for it; nobody before it begins.
        fileprivate var attempts: Set<Peer> = []
        fileprivate var isSlow = false
    }

    private let maximumFetches: Int
    private let maximumAttempts: Int

    private var fetches: [Digest: Fetch] = [:]
    /// Those that have begun, which are few, however many wait for their turn.
    private var underWay: Set<Digest> = []
    /// The fetches that have not begun, in their order.
    private var queue: [Digest] = []
    private var outliers = OutlierTracker()

    /// Nothing is fetched.
    ///
    /// - Parameters:
    ///   - maximumFetches: How many digests are fetched at one time, without those that take long: a peer that hangs must not
    ///     keep others from being asked.
    ///   - maximumAttempts: How many peers are asked for digests at one time.
    init(maximumFetches: Int, maximumAttempts: Int) {
        self.maximumFetches = maximumFetches
        self.maximumAttempts = maximumAttempts
    }

    /// Whether a digest is fetched, or will be.
    func contains(_ digest: Digest) -> Bool { fetches[digest] != nil }

    /// Adds someone who waits for a digest.
    mutating func join(_ digest: Digest, _ search: Search) {
        if fetches[digest] == nil { queue.append(digest) }
        fetches[digest, default: Fetch()].searches.append(search)
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
        while let digest = queue.first, promptCount < maximumFetches, attemptCount < maximumAttempts {
            queue.removeFirst()
            if let holder = beginAttempt(of: digest, at: now, holders: holders) {
                underWay.insert(digest)
                begun.append((digest, holder))
            } else if let fetch = fetches.removeValue(forKey: digest) {
                left += fetch.searches
            }
        }
        return (begun, left)
    }

    /// A fetch does not go as it should.
    ///
    /// - Parameters:
    ///   - setback: What has happened.
    ///   - digest: What is fetched.
    ///   - now: The present.
    ///   - holders: Tells who lists a digest.
    /// - Returns: Who is to be asked now, if anyone can be.
    mutating func takeSetback(
        _ setback: Setback,
        of digest: Digest,
        at now: Instant,
        holders: Directory
    ) -> Holder? {
        guard contains(digest) else { return nil }
        switch setback {
        case .slow:
            fetches[digest]?.isSlow = true
        case .failed(let peer, let error):
            if error.castsDoubt { outliers.note(peer, at: now) }
            fetches[digest]?.attempts.remove(peer)
        }
        return beginAttempt(of: digest, at: now, holders: holders)
    }

    /// A fetch has ended; nil if there is none.
    mutating func end(_ digest: Digest) -> Fetch? {
        underWay.remove(digest)
        return fetches.removeValue(forKey: digest)
    }

    /// Removes those who match; what has begun goes on, so that whoever asks again finds it.
    ///
    /// - Returns: Who waits no longer.
    mutating func leave(where isLeaving: (Search) -> Bool) -> [Search] {
        var leaving: [Search] = []
        for (digest, var fetch) in fetches {
            leaving += fetch.searches.filter(isLeaving)
            fetch.searches.removeAll(where: isLeaving)
            fetches[digest] = underWay.contains(digest) || !fetch.searches.isEmpty ? fetch : nil
        }
        queue.removeAll { fetches[$0] == nil }
        return leaving
    }

    /// Who waits.
    var searches: [Search] { fetches.values.flatMap(\.searches) }

    /// Forgets everything.
    mutating func removeAll() {
        fetches = [:]
        underWay = []
        queue = []
    }

    private var promptCount: Int { underWay.count { fetches[$0]?.isSlow == false } }

    private var attemptCount: Int { underWay.reduce(0) { $0 + (fetches[$1]?.attempts.count ?? 0) } }

    private mutating func beginAttempt(of digest: Digest, at now: Instant, holders: Directory) -> Holder? {
        guard attemptCount < maximumAttempts, let fetch = fetches[digest] else { return nil }
        let untried = holders(digest).filter { !fetch.tried.contains($0.peer) }
        guard let holder = outliers.order(untried, at: now).first else { return nil }
        fetches[digest]?.tried.append(holder.peer)
        fetches[digest]?.attempts.insert(holder.peer)
        return holder
    }
}
