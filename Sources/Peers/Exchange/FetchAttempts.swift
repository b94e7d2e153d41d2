// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The digests that are being fetched: which peers were asked for each, and which is next.
///
/// At most so many are fetched at one time, without those that take long: a peer that hangs must not keep others from being
/// asked. And so many peers are asked at one time at most.
struct FetchAttempts: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A digest that is fetched.
    struct Fetch: Sendable {
        /// Who was asked for it.
        fileprivate(set) var tried: [Peer] = []
        /// Who is being asked for it, and whether they take long.
        fileprivate(set) var attempts: [Peer: Bool] = [:]
        /// Whether it takes long.
        fileprivate(set) var isSlow = false
    }

    private let maximumFetches: Int
    private let maximumAttempts: Int

    /// What is fetched.
    private(set) var fetches: [Digest: Fetch] = [:]
    private var outliers = OutlierTracker()

    /// Nothing is fetched.
    ///
    /// - Parameters:
    ///   - maximumFetches: How many digests are fetched at one time, without those that take long.
    ///   - maximumAttempts: How many peers are asked for digests at one time.
    init(maximumFetches: Int, maximumAttempts: Int) {
        (self.maximumFetches, self.maximumAttempts) = (maximumFetches, maximumAttempts)
    }

    /// Whether another digest may be fetched.
    var mayBegin: Bool {
        fetches.values.count { !$0.isSlow } < maximumFetches && attemptCount < maximumAttempts
    }

    /// Whether a digest is fetched.
    func contains(_ digest: Digest) -> Bool { fetches[digest] != nil }

    /// Whether a peer has failed recently.
    func isDoubted(_ peer: Peer, at now: Instant) -> Bool { outliers.contains(peer, at: now) }

    /// Begins to fetch a digest, or asks another peer for it.
    ///
    /// - Parameters:
    ///   - digest: What is fetched.
    ///   - holders: Who may be asked.
    ///   - now: The present.
    /// - Returns: Who is asked, if there is anyone who was not, and so many are not being asked already.
    mutating func ask(for digest: Digest, among holders: [Holder], at now: Instant) -> Holder? {
        guard attemptCount < maximumAttempts else { return nil }
        let tried = fetches[digest]?.tried ?? []
        let untried = holders.filter { !tried.contains($0.peer) }
        guard let holder = outliers.order(untried, at: now).first else { return nil }
        fetches[digest, default: Fetch()].tried.append(holder.peer)
        fetches[digest]?.attempts[holder.peer] = false
        return holder
    }

    /// Records that a fetch does not go as it should.
    mutating func note(_ setback: Setback, of digest: Digest, at now: Instant) {
        guard var fetch = fetches[digest] else { return }
        switch setback {
        case .slow:
            fetch.isSlow = true
            fetch.attempts = fetch.attempts.mapValues { _ in true }
        case .failed(let peer, let error):
            if error.castsDoubt { outliers.note(peer, at: now) }
            fetch.attempts[peer] = nil
        }
        fetches[digest] = fetch
    }

    /// Doubts everyone who is being asked for a digest.
    mutating func doubtThoseAsked(for digest: Digest, at now: Instant) {
        for peer in (fetches[digest]?.attempts ?? [:]).keys { outliers.note(peer, at: now) }
    }

    /// Ends a fetch.
    ///
    /// - Returns: What it was; nil if there was none.
    @discardableResult
    mutating func end(_ digest: Digest) -> Fetch? { fetches.removeValue(forKey: digest) }

    /// Forgets what is fetched, but not which peers are outliers.
    mutating func removeAll() { fetches = [:] }

    private var attemptCount: Int { fetches.values.reduce(0) { $0 + $1.attempts.count } }
}
