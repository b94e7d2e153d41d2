// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import NIOCore

@testable import Peers

/// Searches, whose actions are told in words: `7 unknown`, `roll`, `fetch a from 1`; times are in milliseconds since
/// the first event.
struct SearchesScene {
    var searches: Searches<Int>
    private let start = ContinuousClock.now
    /// When the last event was that tells its time.
    private var now: ContinuousClock.Instant

    init(
        largest: Int = 100,
        limit: WaitingLimit = WaitingLimit(),
        maximumFetches: Int = 4,
        maximumAttempts: Int = 16
    ) {
        searches = Searches(
            largest: largest,
            limit: limit,
            maximumFetches: maximumFetches,
            maximumAttempts: maximumAttempts,
            timing: SearchTiming(deadline: .milliseconds(2500))
        )
        now = start
    }

    /// When the searches want to be woken.
    var wakeAt: Int? {
        searches.wakeAt.map { wakeAt in
            let (seconds, attoseconds) = (wakeAt - start).components
            return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        }
    }

    mutating func ask(
        _ name: String,
        _ waiter: Int,
        from client: String = "192.0.2.1",
        holding byteCount: Int = 0,
        at time: Int
    ) -> [String] {
        now = start + .milliseconds(time)
        // Words for them while they change would have all of them copied.
        let actions = searches.ask(for: digest(name), from: client, holding: byteCount, waiter, at: now)
        return words(actions)
    }

    mutating func tick(at time: Int) -> [String] {
        now = start + .milliseconds(time)
        return words(searches.tick(at: now))
    }

    mutating func receive(_ names: String, from peer: Int, size: Int = 10) -> [String] {
        let entries = names.map { name in
            PeerList.Entry(digest: digest("\(name)"), size: size, isCurrent: true, lastUsed: nil)
        }
        return words(searches.receive(entries, from: .numbered(peer), at: now))
    }

    mutating func endRound(heardAll: Bool = true, at time: Int) -> [String] {
        now = start + .milliseconds(time)
        return words(searches.endRound(heardAll: heardAll, at: now))
    }

    /// A fetch is slow: who is asked beside, and what else is done.
    mutating func slow(_ name: String) -> [String] { take(.slow, of: name) }

    /// A peer does not give a digest: who is asked instead, and what else is done.
    mutating func fail(_ name: String, by peer: Int, _ error: PeerError = .timeout) -> [String] {
        take(.failed(.numbered(peer), error), of: name)
    }

    private mutating func take(_ setback: Setback, of name: String) -> [String] {
        let (next, actions) = searches.nextHolder(after: setback, of: digest(name), at: now)
        return (next.map { ["then \($0.peer.address.port ?? 0)"] } ?? []) + words(actions)
    }

    mutating func end(_ name: String, found: Bool) throws -> [String] {
        words(searches.endFetch(of: digest(name), with: found ? try SealedBlobWriter().seal() : nil, at: now))
    }

    mutating func close() -> [String] { words(searches.close()) }

    private func digest(_ name: String) -> Digest { Digest(of: Array(name.utf8)) }

    private func words(_ actions: [Searches<Int>.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .answer(let waiter, .found): "\(waiter) found"
            case .answer(let waiter, .unknown): "\(waiter) unknown"
            case .answer(let waiter, .unavailable): "\(waiter) unavailable"
            case .startRound: "roll"
            case .reportTooLarge(let digest, let holder):
                "\(name(digest)) of \(holder.size) from \(holder.peer.address.port ?? 0)"
            case .fetch(let digest, let holder): "fetch \(name(digest)) from \(holder.peer.address.port ?? 0)"
            }
        }
    }

    private func name(_ digest: Digest) -> String {
        "abcdefgh".map { "\($0)" }.first { self.digest($0) == digest } ?? "?"
    }
}
