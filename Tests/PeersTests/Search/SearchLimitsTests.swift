// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import NIOCore
import Testing

@testable import Peers

/// What is decided, event by event; times are in milliseconds since the first event.
@Suite("Limits of searches")
struct SearchLimitsTests {
    @Test("end at once when there is no room to wait, unless the last lists have the digest")
    func fullRoom() {
        var scene = SearchesScene(limit: .init(total: 2))
        _ = scene.ask("a", 1, at: 0)
        _ = scene.receive("h", from: 1)
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
        var scene = SearchesScene(limit: .init(share: 2))
        #expect(scene.ask("b", 0, at: 0) == ["roll"])
        #expect(scene.endRound(at: 0) == ["0 unknown"])
        #expect(scene.ask("a", 1, at: 1) == [])
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.ask("a", 3, at: 2) == ["3 unavailable"])
        #expect(scene.ask("a", 4, from: "192.0.2.2", at: 3) == [])
        // As many may wait for what is being fetched.
        #expect(scene.receive("a", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("a", 5, at: 4) == [])
        #expect(scene.ask("a", 6, at: 5) == ["6 unavailable"])
        #expect(scene.ask("a", 7, from: "192.0.2.2", at: 6) == [])
    }

    @Test("hold so many bytes at a time, of one client and in all, for lists and for fetches")
    func bytes() throws {
        var scene = SearchesScene(limit: .init(bytes: 3000, byteShare: 2000))
        #expect(scene.ask("b", 0, holding: 2000, at: 0) == ["roll"])
        #expect(scene.ask("b", 1, holding: 1, at: 0) == ["1 unavailable"])
        #expect(scene.ask("b", 2, from: "192.0.2.2", holding: 1001, at: 0) == ["2 unavailable"])
        #expect(scene.ask("b", 3, from: "192.0.2.2", holding: 1000, at: 0) == [])
        #expect(scene.endRound(at: 0) == ["0 unknown"])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.endRound(at: 1201) == ["3 unknown"])
        #expect(scene.ask("a", 4, holding: 2000, at: 1202) == [])
        #expect(scene.receive("a", from: 1) == ["fetch a from 1"])
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
        var scene = SearchesScene(limit: .init(total: 2))
        #expect(scene.ask("b", 0, at: 0) == ["roll"])
        _ = scene.receive("a", from: 1)
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
        var scene = SearchesScene(limit: .init(total: 2))
        _ = scene.ask("a", 1, at: 0)
        _ = scene.receive("a", from: 1)
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
        var scene = SearchesScene(limit: .init(total: 1))
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.receive("a", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.receive("b", from: 2) == [])
        #expect(scene.ask("c", 3, at: 2) == ["3 unavailable"])
        #expect(try scene.end("a", found: true) == ["1 found", "fetch b from 2"])
        #expect(scene.ask("c", 4, at: 3) == [])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.endRound(at: 10) == [])
    }

    @Test("join a fetch at a cost that is the same for the last of them as for the first", .timeLimit(.minutes(5)))
    func manyJoin() throws {
        var scene = SearchesScene(limit: .init(total: 60_000, share: 60_000))
        _ = scene.ask("a", 0, at: 0)
        _ = scene.receive("a", from: 1)
        let actions = (1..<60_000).flatMap { scene.ask("a", $0, at: 1) }
        #expect(actions.isEmpty)
        #expect(scene.ask("a", 60_000, at: 1) == ["60000 unavailable"])
        #expect(try scene.end("a", found: true).count == 60_000)
    }

    @Test("fetch so many at once, in the order in which they were asked for")
    func limits() throws {
        var scene = SearchesScene(maximumFetches: 2)
        for (waiter, name) in ["a", "b", "c", "d"].enumerated() { _ = scene.ask(name, waiter, at: 0) }
        #expect(scene.receive("abcd", from: 1) == ["fetch a from 1", "fetch b from 1"])
        #expect(try scene.end("b", found: true) == ["1 found", "fetch c from 1"])
        #expect(try scene.end("a", found: true) == ["0 found", "fetch d from 1"])
    }

    @Test("what a peer says of the size of a digest keeps no other from being fetched")
    func claimedSizes() throws {
        var scene = SearchesScene(largest: 100)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        #expect(scene.receive("a", from: 1, size: 100) == ["fetch a from 1"])
        #expect(scene.receive("ab", from: 2, size: 90) == ["fetch b from 2"])
        #expect(scene.slow("a") == ["then 2"])
    }

    @Test("what is larger than may be kept is not fetched, not unknown, and told")
    func tooLarge() throws {
        var scene = SearchesScene(largest: 100)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("a", 2, at: 0)
        #expect(scene.receive("ab", from: 1, size: 101) == [])
        #expect(scene.endRound(at: 10) == ["a of 101 from 1", "1 unavailable"])
        _ = scene.ask("a", 3, at: 20)
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.receive("a", from: 1, size: 101) == [])
        #expect(scene.endRound(at: 1210) == ["a of 101 from 1", "2 unavailable", "3 unavailable"])
    }

    @Test("more digests than the table holds make none unknown")
    func overflow() {
        var scene = SearchesScene()
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
            _ = scene.searches.receive(entries, from: .numbered(peer), at: .now)
        }
        #expect(scene.endRound(at: 10) == ["1 unavailable"])
    }
}
