// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService

/// Which connections of an event loop make room when there are as many as there may be, and others wait.
struct ConnectionEviction {
    /// What matters of a connection.
    struct Activity {
        /// Whose it is.
        let network: ClientNetwork
        /// Whether its client has ever asked for anything of which it may want more, and for how long it has been waited for; nil if it
        /// is not.
        let waiting: (hasAsked: Bool, time: Duration)?
        /// How fast its client takes answers, in bytes a second; nil if there are none, or not for long enough to tell.
        let pace: Int?
    }

    let limits: ConnectionLimits
    /// How often connections are looked at.
    let interval: Duration
    /// How many of the connections each thread has if all have as many: when there is no room left, one has these or more.
    var fairShare: Int

    /// The part of all connections that makes room at a time: one in so many, if as many wait.
    private static let partAtATime = 8

    /// Chooses those that nobody will miss, and if they are too few, of those that are missed least.
    ///
    /// 1. Those that never asked for anything, or have taken their last answer and do not end, for long enough.
    /// 2. Those that have been idle for the longest, first of clients that have more than their share.
    /// 3. Those that take next to nothing of what they are sent.
    /// 4. The slowest of clients that have more than their share, and behind them those of which that is not known:
    ///    they have just begun, or wait for the server.
    ///
    /// Whoever has the most connections, busy or not, makes room first. To end an idle connection costs nobody an
    /// answer, so answers that are taken end last.
    ///
    /// A thread that has less than its share of all connections gives up none that has ever asked, unless they are many.
    ///
    /// - Parameters:
    ///   - connections: All of the thread's.
    ///   - count: How many others wait.
    ///   - time: How long there have been others who wait.
    /// - Returns: Their indices.
    func evicted(from connections: [Activity], for count: Int, waiting time: Duration) -> [Int] {
        let rounding = connections.count < fairShare ? 0 : Self.partAtATime - 1
        let enough = min((connections.count + rounding) / Self.partAtATime, count)
        let silent = connections.indices.filter { index in
            connections[index].waiting.map { !$0.hasAsked && $0.time >= limits.newcomerGrace } ?? false
        }
        // Those that have just come may be about to ask, and end all by themselves.
        guard silent.count < enough, time > limits.newcomerGrace + interval else { return silent }
        let candidates = candidates(among: connections).sorted()
        return silent + candidates.prefix(enough - silent.count).map(\.index)
    }

    /// A connection that could make room; the lesser is the sooner to go.
    private struct Candidate: Comparable {
        enum Kind: Int {
            case idleOfMany, slow, idle, oneOfMany
        }

        let kind: Kind
        /// How many connections its client has.
        let count: Int
        /// The greater goes sooner: for how long it has been idle, in seconds, or how fast its client is, in bytes a second, as a
        /// negative number.
        let rank: Double
        let index: Int

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.kind.rawValue, right.count, right.rank, left.index) < (
                right.kind.rawValue, left.count, left.rank, right.index
            )
        }
    }

    private func candidates(among connections: [Activity]) -> [Candidate] {
        let counts = Dictionary(connections.map { ($0.network, 1) }, uniquingKeysWith: +)
        let share = max(connections.count / limits.shares, 1)
        return connections.enumerated().compactMap { index, connection -> Candidate? in
            let count = counts[connection.network] ?? 1
            if let waiting = connection.waiting {
                // One that has just been answered may be about to ask again.
                guard waiting.hasAsked, waiting.time >= limits.newcomerGrace else { return nil }
                let kind = count > share ? Candidate.Kind.idleOfMany : .idle
                return Candidate(kind: kind, count: count, rank: waiting.time / .seconds(1), index: index)
            }
            let isSlow = connection.pace.map { $0 < limits.slowPace } ?? false
            guard isSlow || count > share else { return nil }
            let rank = connection.pace.map { -Double($0) } ?? -.infinity
            return Candidate(kind: isSlow ? .slow : .oneOfMany, count: count, rank: rank, index: index)
        }
    }
}
