// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Which connections of an event loop make room when there are as many as there may be, and others wait.
struct Overcrowding {
    /// What matters of a connection.
    struct Place {
        /// Whose it is.
        let network: ClientNetwork
        /// Whether its client has ever asked for anything, and for how long it has owed a request; nil if it owes nothing.
        let waiting: (hasAsked: Bool, time: TimeAmount)?
        /// How fast its client takes answers, in bytes a second; nil if there are none, or not for long enough to tell.
        let pace: Int?
    }

    let limits: ConnectionLimits
    /// How often connections are looked at.
    let interval: TimeAmount

    /// The part of all connections that makes room at a time, and of the idle ones: one in so many.
    private static let partAtATime = 32
    private static let idlePart = 8

    /// Those that nobody will miss, and if they are too few, those that are missed least.
    ///
    /// 1. Those that never asked for anything, for long enough.
    /// 2. Of those that are sent answers the slowest; but only of clients that have more than their share, or that take next
    ///    to nothing.
    /// 3. Those that have been idle for the longest.
    ///
    /// Each time it is whoever has the most connections that makes room first.
    ///
    /// - Parameters:
    ///   - places: All of the event loop's.
    ///   - time: For how long others have been waiting.
    /// - Returns: Their indices.
    func leaving(_ places: [Place], fullFor time: TimeAmount) -> [Int] {
        let enough = Self.part(Self.partAtATime, of: places.count)
        let silent = places.indices.filter { index in
            places[index].waiting.map { !$0.hasAsked && $0.time >= limits.newcomerGrace } ?? false
        }
        // Those that have just come may be about to ask, and end all by themselves.
        guard silent.count < enough, time > limits.newcomerGrace + interval else { return silent }
        let counts = Dictionary(places.map { ($0.network, 1) }, uniquingKeysWith: +)
        let slow = slowest(of: places, counts)
        return silent + (slow.isEmpty ? idle(among: places, counts) : Array(slow.prefix(enough)))
    }

    private func slowest(of places: [Place], _ counts: [ClientNetwork: Int]) -> [Int] {
        let share = max(places.count / limits.shares, 1)
        let slow = places.enumerated().compactMap { index, place -> (index: Int, count: Int, pace: Int)? in
            guard let pace = place.pace, let count = counts[place.network] else { return nil }
            return count > share || pace < limits.slowPace ? (index, count, pace) : nil
        }
        return slow.sorted { ($1.count, $0.pace) < ($0.count, $1.pace) }.map(\.index)
    }

    private func idle(among places: [Place], _ counts: [ClientNetwork: Int]) -> [Int] {
        let idle = places.enumerated().compactMap { index, place -> (index: Int, count: Int, time: TimeAmount)? in
            guard let waiting = place.waiting, waiting.hasAsked, let count = counts[place.network] else { return nil }
            return (index, count, waiting.time)
        }
        return idle.sorted { ($1.count, $1.time) < ($0.count, $0.time) }
            .prefix(Self.part(Self.idlePart, of: idle.count)).map(\.index)
    }

    private static func part(_ part: Int, of count: Int) -> Int { (count + part - 1) / part }
}
