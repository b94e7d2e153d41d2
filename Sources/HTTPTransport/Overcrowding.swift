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

    /// The part of the idle connections, and of all, that makes room at a time: one in so many.
    private static let idlePart = 8
    private static let slowPart = 32

    /// Those that nobody will miss, and if that gives no room, those that are missed least.
    ///
    /// 1. Those that never asked for anything, for long enough.
    /// 2. If there is still no room when that has had its time: those that have been idle for the longest.
    /// 3. And of those that are sent answers the slowest, first of whoever has the most connections; but only of clients that
    ///    have more than their share, or that take next to nothing.
    ///
    /// - Parameters:
    ///   - places: All of the event loop's.
    ///   - time: For how long there has been no room.
    /// - Returns: Their indices.
    func leaving(_ places: [Place], fullFor time: TimeAmount) -> [Int] {
        let waiting = places.enumerated().compactMap { index, place in
            place.waiting.map { (index, $0.hasAsked, $0.time) }
        }
        let silent = waiting.filter { !$0.1 && $0.2 >= limits.newcomerGrace }.map(\.0)
        let timeForSilent = limits.newcomerGrace + interval
        guard time > timeForSilent + timeForSilent else { return silent }
        let idle = waiting.filter(\.1).sorted { $0.2 > $1.2 }.map(\.0)
        return silent + idle.prefix(Self.part(Self.idlePart, of: idle.count)) + slowest(of: places)
    }

    private func slowest(of places: [Place]) -> [Int] {
        let counts = Dictionary(places.map { ($0.network, 1) }, uniquingKeysWith: +)
        let share = max(places.count / limits.shares, 1)
        let slow = places.enumerated().compactMap { index, place -> (index: Int, count: Int, pace: Int)? in
            guard let pace = place.pace, let count = counts[place.network] else { return nil }
            return count > share || pace < limits.slowPace ? (index, count, pace) : nil
        }
        return slow.sorted { ($1.count, $0.pace) < ($0.count, $1.pace) }
            .prefix(Self.part(Self.slowPart, of: places.count)).map(\.index)
    }

    private static func part(_ part: Int, of count: Int) -> Int { (count + part - 1) / part }
}
