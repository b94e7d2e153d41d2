// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import NIOCore
import Testing

@testable import Peers

/// What is decided, event by event; times are in milliseconds since the first event.
@Suite("Searches")
struct SearchesTests {
    /// Searches, whose actions are told in words: `7 unknown`, `roll`, `fetch a from 1`.
    private struct Scene {
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

        mutating func hear(_ names: String, from peer: Int, size: Int = 10) -> [String] {
            let entries = names.map { name in
                PeerList.Entry(digest: digest("\(name)"), size: size, isCurrent: true, lastUsed: nil)
            }
            return words(searches.hear(entries, from: .numbered(peer), at: now))
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
            let (next, actions) = searches.takeSetback(setback, of: digest(name), at: now)
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

    @Test("end as unknown when a round that began for them heard everyone")
    func unknown() {
        var scene = Scene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.hear("b", from: 1) == [])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.wakeAt == 2500)
        #expect(scene.tick(at: 2500) == [])
        #expect(scene.wakeAt == nil)
    }

    @Test("end as unknown when there is no peer")
    func alone() {
        var scene = Scene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
    }

    @Test("end as unavailable when someone was not heard")
    func unheard() {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.endRound(heardAll: false, at: 10) == ["1 unavailable"])
    }

    @Test("fetch as soon as one list has the digest, once for all who wait")
    func found() throws {
        var scene = Scene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.ask("a", 2, at: 1) == [])
        #expect(scene.hear("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("a", 3, at: 2) == [])
        #expect(scene.hear("a", from: 2) == [])
        #expect(try scene.end("a", found: true) == ["1 found", "2 found", "3 found"])
        #expect(scene.endRound(heardAll: false, at: 10) == [])
    }

    @Test("believe the last lists for a while without another round")
    func recentLists() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.hear("b", from: 1)
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.ask("b", 2, at: 5010) == ["fetch b from 1"])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.ask("b", 3, at: 5011) == ["roll"])
    }

    @Test("begin a round at most once a second, and none while one is under way")
    func interval() {
        var scene = Scene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.ask("a", 2, at: 20) == [])
        #expect(scene.wakeAt == 1200)
        #expect(scene.tick(at: 1199) == [])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.ask("b", 3, at: 2300) == [])
        #expect(scene.tick(at: 2400) == [])
        // Only the first has waited for a round that began after it; the other's begins at once.
        #expect(scene.endRound(at: 2500) == ["2 unknown", "roll"])
        #expect(scene.endRound(at: 2510) == ["3 unknown"])
    }

    @Test("a round that began before a request tells only who has its digest")
    func earlierRound() {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.ask("c", 3, at: 1) == [])
        #expect(scene.hear("b", from: 1) == ["fetch b from 1"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.endRound(at: 1210) == ["3 unknown"])
    }

    @Test("end as unavailable after 2.5 seconds, while the fetch goes on")
    func deadline() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 100)
        _ = scene.hear("b", from: 1)
        #expect(scene.wakeAt == 2500)
        #expect(scene.tick(at: 2499) == [])
        #expect(scene.tick(at: 2500) == ["1 unavailable"])
        #expect(scene.wakeAt == 2600)
        #expect(scene.tick(at: 2600) == ["2 unavailable"])
        #expect(scene.ask("b", 3, at: 3000) == [])
        #expect(try scene.end("b", found: true) == ["3 found"])
    }

    @Test("end at once when there is no room to wait, unless the last lists have the digest")
    func fullRoom() {
        var scene = Scene(limit: .init(total: 2))
        _ = scene.ask("a", 1, at: 0)
        _ = scene.hear("h", from: 1)
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.ask("c", 3, at: 2) == ["3 unavailable"])
        #expect(scene.ask("h", 4, at: 3) == ["fetch h from 1"])
        #expect(scene.ask("h", 5, at: 4) == [])
        #expect(scene.ask("h", 6, at: 5) == ["6 unavailable"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.ask("c", 7, at: 11) == [])
    }

    @Test("of one client are so many at a time, whatever room there is, for one digest or many")
    func share() {
        var scene = Scene(limit: .init(share: 2))
        #expect(scene.ask("b", 0, at: 0) == ["roll"])
        #expect(scene.endRound(at: 0) == ["0 unknown"])
        #expect(scene.ask("a", 1, at: 1) == [])
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.ask("a", 3, at: 2) == ["3 unavailable"])
        #expect(scene.ask("a", 4, from: "192.0.2.2", at: 3) == [])
        // As many may wait for what is being fetched.
        #expect(scene.hear("a", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("a", 5, at: 4) == [])
        #expect(scene.ask("a", 6, at: 5) == ["6 unavailable"])
        #expect(scene.ask("a", 7, from: "192.0.2.2", at: 6) == [])
    }

    @Test("hold so many bytes at a time, of one client and in all, for lists and for fetches")
    func bytes() throws {
        var scene = Scene(limit: .init(bytes: 3000, byteShare: 2000))
        #expect(scene.ask("b", 0, holding: 2000, at: 0) == ["roll"])
        #expect(scene.ask("b", 1, holding: 1, at: 0) == ["1 unavailable"])
        #expect(scene.ask("b", 2, from: "192.0.2.2", holding: 1001, at: 0) == ["2 unavailable"])
        #expect(scene.ask("b", 3, from: "192.0.2.2", holding: 1000, at: 0) == [])
        #expect(scene.endRound(at: 0) == ["0 unknown"])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.endRound(at: 1201) == ["3 unknown"])
        #expect(scene.ask("a", 4, holding: 2000, at: 1202) == [])
        #expect(scene.hear("a", from: 1) == ["fetch a from 1"])
        // As many may be held for what is being fetched; they are let go of when it ends, or when they have waited too long.
        #expect(scene.ask("a", 5, holding: 1, at: 1204) == ["5 unavailable"])
        #expect(scene.ask("a", 6, from: "192.0.2.2", holding: 1001, at: 1204) == ["6 unavailable"])
        #expect(scene.ask("a", 7, from: "192.0.2.2", holding: 1000, at: 1204) == [])
        #expect(scene.tick(at: 3702) == ["4 unavailable"])
        #expect(scene.ask("a", 8, holding: 2000, at: 3703) == [])
        #expect(try scene.end("a", found: true) == ["7 found", "8 found"])
        #expect(scene.ask("a", 9, holding: 2000, at: 3704) == ["fetch a from 1"])
    }

    @Test("that wait for a fetch give up their places when it ends, however it does, or their time is over")
    func places() throws {
        var scene = Scene(limit: .init(total: 2))
        #expect(scene.ask("b", 0, at: 0) == ["roll"])
        _ = scene.hear("a", from: 1)
        #expect(scene.ask("a", 1, at: 1) == ["fetch a from 1"])
        #expect(scene.ask("a", 2, at: 2) == [])
        #expect(scene.ask("a", 3, at: 3) == ["3 unavailable"])
        #expect(try scene.end("a", found: true) == ["1 found", "2 found"])
        #expect(scene.ask("a", 4, at: 4) == ["fetch a from 1"])
        #expect(scene.ask("a", 5, at: 5) == [])
        #expect(scene.tick(at: 2505).contains("5 unavailable"))
        #expect(scene.ask("a", 6, at: 2506) == [])
        #expect(scene.ask("a", 7, at: 2507) == [])
        #expect(scene.ask("a", 8, at: 2508) == ["8 unavailable"])
    }

    @Test("that a failed fetch sends back find no more room than others")
    func fullRoomAfterFailure() throws {
        var scene = Scene(limit: .init(total: 2))
        _ = scene.ask("a", 1, at: 0)
        _ = scene.hear("a", from: 1)
        #expect(scene.ask("a", 2, at: 1) == [])
        #expect(scene.endRound(at: 2) == [])
        #expect(scene.ask("b", 3, at: 3) == [])
        #expect(scene.tick(at: 1200) == ["roll"])
        // Another may list it in this round; there is room for one of the two.
        #expect(try scene.end("a", found: false) == ["2 unavailable"])
        #expect(scene.endRound(at: 1210) == ["3 unknown", "1 unknown"])
    }

    @Test("for what is listed wait in the room until as many as may wait for a fetch do no longer")
    func listedInFullRoom() throws {
        var scene = Scene(limit: .init(total: 1))
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.hear("a", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.hear("b", from: 2) == [])
        #expect(scene.ask("c", 3, at: 2) == ["3 unavailable"])
        #expect(try scene.end("a", found: true) == ["1 found", "fetch b from 2"])
        #expect(scene.ask("c", 4, at: 3) == [])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.endRound(at: 10) == [])
    }

    @Test("join a fetch at a cost that is the same for the last of them as for the first", .timeLimit(.minutes(1)))
    func manyJoin() throws {
        var scene = Scene(limit: .init(total: 60_000, share: 60_000))
        _ = scene.ask("a", 0, at: 0)
        _ = scene.hear("a", from: 1)
        let actions = (1..<60_000).flatMap { scene.ask("a", $0, at: 1) }
        #expect(actions.isEmpty)
        #expect(scene.ask("a", 60_000, at: 1) == ["60000 unavailable"])
        #expect(try scene.end("a", found: true).count == 60_000)
    }

    @Test("a fetch that fails makes others ask the next who lists the digest")
    func nextHolder() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.hear("a", from: 1) == ["fetch a from 1"])
        #expect(scene.slow("a") == [])
        #expect(scene.hear("a", from: 2) == [])
        #expect(scene.fail("a", by: 1) == ["then 2"])
        #expect(scene.fail("a", by: 2) == [])
        // The round is not over, so another may list it.
        #expect(try scene.end("a", found: false) == [])
        #expect(scene.hear("a", from: 3) == ["fetch a from 3"])
        #expect(scene.fail("a", by: 3) == [])
        #expect(try scene.end("a", found: false) == [])
        // It is listed, so it is not unknown.
        #expect(scene.endRound(at: 10) == ["1 unavailable"])
    }

    @Test("a fetch that fails after its round ends the search, or sends it to the next round if it came later")
    func failureAfterTheRound() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.hear("a", from: 1)
        #expect(scene.endRound(at: 10) == [])
        #expect(scene.ask("a", 2, at: 20) == [])
        #expect(try scene.end("a", found: false) == ["1 unavailable"])
        #expect(scene.wakeAt == 1200)
        // Nobody is asked again on the word of a list that was wrong.
        #expect(scene.ask("a", 3, at: 30) == [])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.endRound(at: 1210) == ["2 unknown", "3 unknown"])
    }

    @Test("a fetch that fails just after another listed the digest is begun anew")
    func listedMeanwhile() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.hear("a", from: 1) == ["fetch a from 1"])
        #expect(scene.fail("a", by: 1) == [])
        #expect(scene.hear("a", from: 2) == [])
        #expect(scene.endRound(at: 10) == [])
        #expect(try scene.end("a", found: false) == ["fetch a from 2"])
    }

    @Test("fetch so many at once, in the order in which they were asked for")
    func limits() throws {
        var scene = Scene(maximumFetches: 2)
        for (waiter, name) in ["a", "b", "c", "d"].enumerated() { _ = scene.ask(name, waiter, at: 0) }
        #expect(scene.hear("abcd", from: 1) == ["fetch a from 1", "fetch b from 1"])
        #expect(try scene.end("b", found: true) == ["1 found", "fetch c from 1"])
        #expect(try scene.end("a", found: true) == ["0 found", "fetch d from 1"])
    }

    @Test("what a peer says of the size of a digest keeps no other from being fetched")
    func claimedSizes() throws {
        var scene = Scene(largest: 100)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        #expect(scene.hear("a", from: 1, size: 100) == ["fetch a from 1"])
        #expect(scene.hear("ab", from: 2, size: 90) == ["fetch b from 2"])
        #expect(scene.slow("a") == ["then 2"])
    }

    @Test("a fetch that is slow lets others begin, up to so many attempts")
    func slowFetches() throws {
        var scene = Scene(maximumFetches: 1, maximumAttempts: 3)
        for (waiter, name) in ["a", "b", "c", "d"].enumerated() { _ = scene.ask(name, waiter, at: 0) }
        #expect(scene.hear("abcd", from: 1) == ["fetch a from 1"])
        #expect(scene.slow("a") == ["fetch b from 1"])
        #expect(scene.slow("a") == [])
        #expect(scene.slow("b") == ["fetch c from 1"])
        #expect(scene.slow("c") == [])
        #expect(scene.hear("abc", from: 2) == [])
        #expect(scene.slow("c") == [])
        #expect(scene.fail("a", by: 1) == ["then 2"])
        #expect(try scene.end("b", found: true) == ["1 found", "fetch d from 1"])
    }

    @Test("whoever did badly is asked last, for 30 seconds")
    func outliers() throws {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.hear("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.hear("ab", from: 2) == [])
        #expect(scene.fail("a", by: 1, .timeout) == ["then 2"])
        #expect(try scene.end("a", found: true) == ["1 found"])
        #expect(scene.ask("b", 2, at: 10) == ["fetch b from 2"])
        // What is this server's own fault is not held against anyone.
        #expect(scene.fail("b", by: 2, .noMemory) == ["then 1"])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.endRound(at: 20) == [])
        for (waiter, time) in [(3, 29_000), (4, 31_000)] {
            #expect(scene.ask("c", waiter, at: time) == ["roll"])
            #expect(scene.hear("d", from: 1) == [])
            #expect(scene.hear("d", from: 2) == [])
            #expect(scene.endRound(at: time + 1) == ["\(waiter) unknown"])
            #expect(scene.ask("d", waiter, at: time + 1) == ["fetch d from \(time < 30_000 ? 2 : 1)"])
            #expect(try scene.end("d", found: true) == ["\(waiter) found"])
        }
    }

    @Test("what is larger than may be kept is not fetched, not unknown, and told")
    func tooLarge() throws {
        var scene = Scene(largest: 100)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("a", 2, at: 0)
        #expect(scene.hear("ab", from: 1, size: 101) == [])
        #expect(scene.endRound(at: 10) == ["a of 101 from 1", "1 unavailable"])
        _ = scene.ask("a", 3, at: 20)
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.hear("a", from: 1, size: 101) == [])
        #expect(scene.endRound(at: 1210) == ["a of 101 from 1", "2 unavailable", "3 unavailable"])
    }

    @Test("a fetch that nobody waits for any more does not begin")
    func abandoned() throws {
        var scene = Scene(maximumFetches: 1)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        #expect(scene.hear("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.tick(at: 2500).sorted() == ["1 unavailable", "2 unavailable"])
        #expect(try scene.end("a", found: true) == [])
    }

    @Test("all end when nothing will be done any more")
    func closing() {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        _ = scene.hear("b", from: 1)
        #expect(scene.close() == ["1 unavailable", "2 unavailable"])
        #expect(scene.wakeAt == nil)
    }

    @Test("more digests than the table holds make none unknown")
    func overflow() {
        var scene = Scene()
        _ = scene.ask("a", 1, at: 0)
        for peer in 0..<5 {
            let entries = (0..<PeerList.maximumCount).map { number in
                PeerList.Entry(
                    digest: Digest(of: Array("\(peer) \(number)".utf8)),
                    size: 1,
                    isCurrent: true,
                    lastUsed: nil
                )
            }
            _ = scene.searches.hear(entries, from: .numbered(peer), at: .now)
        }
        #expect(scene.endRound(at: 10) == ["1 unavailable"])
    }
}
