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
    @Test("end as unknown when a round that began for them heard everyone")
    func unknown() {
        var scene = SearchesScene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.receive("b", from: 1) == [])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.wakeAt == 2500)
        #expect(scene.tick(at: 2500) == [])
        #expect(scene.wakeAt == nil)
    }

    @Test("end as unknown when there is no peer")
    func alone() {
        var scene = SearchesScene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
    }

    @Test("end as unavailable when someone was not heard")
    func unheard() {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.endRound(heardAll: false, at: 10) == ["1 unavailable"])
    }

    @Test("fetch as soon as one list has the digest, once for all who wait")
    func found() throws {
        var scene = SearchesScene()
        #expect(scene.ask("a", 1, at: 0) == ["roll"])
        #expect(scene.ask("a", 2, at: 1) == [])
        #expect(scene.receive("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.ask("a", 3, at: 2) == [])
        #expect(scene.receive("a", from: 2) == [])
        #expect(try scene.end("a", found: true) == ["1 found", "2 found", "3 found"])
        #expect(scene.endRound(heardAll: false, at: 10) == [])
    }

    @Test("believe the last lists for a while without another round")
    func recentLists() throws {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.receive("b", from: 1)
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.ask("b", 2, at: 5010) == ["fetch b from 1"])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.ask("b", 3, at: 5011) == ["roll"])
    }

    @Test("begin a round at most once a second, and none while one is under way")
    func interval() {
        var scene = SearchesScene()
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
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.ask("b", 2, at: 1) == [])
        #expect(scene.ask("c", 3, at: 1) == [])
        #expect(scene.receive("b", from: 1) == ["fetch b from 1"])
        #expect(scene.endRound(at: 10) == ["1 unknown"])
        #expect(scene.tick(at: 1200) == ["roll"])
        #expect(scene.endRound(at: 1210) == ["3 unknown"])
    }

    @Test("end as unavailable after 2.5 seconds, while the fetch goes on")
    func deadline() throws {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 100)
        _ = scene.receive("b", from: 1)
        #expect(scene.wakeAt == 2500)
        #expect(scene.tick(at: 2499) == [])
        #expect(scene.tick(at: 2500) == ["1 unavailable"])
        #expect(scene.wakeAt == 2600)
        #expect(scene.tick(at: 2600) == ["2 unavailable"])
        #expect(scene.ask("b", 3, at: 3000) == [])
        #expect(try scene.end("b", found: true) == ["3 found"])
    }

    @Test("a fetch that fails makes others ask the next who lists the digest")
    func nextHolder() throws {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.receive("a", from: 1) == ["fetch a from 1"])
        #expect(scene.slow("a") == [])
        #expect(scene.receive("a", from: 2) == [])
        #expect(scene.fail("a", by: 1) == ["then 2"])
        #expect(scene.fail("a", by: 2) == [])
        // The round is not over, so another may list it.
        #expect(try scene.end("a", found: false) == [])
        #expect(scene.receive("a", from: 3) == ["fetch a from 3"])
        #expect(scene.fail("a", by: 3) == [])
        #expect(try scene.end("a", found: false) == [])
        // It is listed, so it is not unknown.
        #expect(scene.endRound(at: 10) == ["1 unavailable"])
    }

    @Test("a fetch that fails after its round ends the search, or sends it to the next round if it came later")
    func failureAfterTheRound() throws {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.receive("a", from: 1)
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
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.receive("a", from: 1) == ["fetch a from 1"])
        #expect(scene.fail("a", by: 1) == [])
        #expect(scene.receive("a", from: 2) == [])
        #expect(scene.endRound(at: 10) == [])
        #expect(try scene.end("a", found: false) == ["fetch a from 2"])
    }

    @Test("a fetch that is slow lets others begin, up to so many attempts")
    func slowFetches() throws {
        var scene = SearchesScene(maximumFetches: 1, maximumAttempts: 3)
        for (waiter, name) in ["a", "b", "c", "d"].enumerated() { _ = scene.ask(name, waiter, at: 0) }
        #expect(scene.receive("abcd", from: 1) == ["fetch a from 1"])
        #expect(scene.slow("a") == ["fetch b from 1"])
        #expect(scene.slow("a") == [])
        #expect(scene.slow("b") == ["fetch c from 1"])
        #expect(scene.slow("c") == [])
        #expect(scene.receive("abc", from: 2) == [])
        #expect(scene.slow("c") == [])
        #expect(scene.fail("a", by: 1) == ["then 2"])
        #expect(try scene.end("b", found: true) == ["1 found", "fetch d from 1"])
    }

    @Test("whoever did badly is asked last, for 30 seconds")
    func outliers() throws {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        #expect(scene.receive("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.receive("ab", from: 2) == [])
        #expect(scene.fail("a", by: 1, .timeout) == ["then 2"])
        #expect(try scene.end("a", found: true) == ["1 found"])
        #expect(scene.ask("b", 2, at: 10) == ["fetch b from 2"])
        // What is this server's own fault is not held against anyone.
        #expect(scene.fail("b", by: 2, .noMemory) == ["then 1"])
        #expect(try scene.end("b", found: true) == ["2 found"])
        #expect(scene.endRound(at: 20) == [])
        for (waiter, time) in [(3, 29_000), (4, 31_000)] {
            #expect(scene.ask("c", waiter, at: time) == ["roll"])
            #expect(scene.receive("d", from: 1) == [])
            #expect(scene.receive("d", from: 2) == [])
            #expect(scene.endRound(at: time + 1) == ["\(waiter) unknown"])
            #expect(scene.ask("d", waiter, at: time + 1) == ["fetch d from \(time < 30_000 ? 2 : 1)"])
            #expect(try scene.end("d", found: true) == ["\(waiter) found"])
        }
    }

    @Test("a fetch that nobody waits for any more does not begin")
    func abandoned() throws {
        var scene = SearchesScene(maximumFetches: 1)
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        #expect(scene.receive("ab", from: 1) == ["fetch a from 1"])
        #expect(scene.tick(at: 2500).sorted() == ["1 unavailable", "2 unavailable"])
        #expect(try scene.end("a", found: true) == [])
    }

    @Test("all end when nothing will be done any more")
    func closing() {
        var scene = SearchesScene()
        _ = scene.ask("a", 1, at: 0)
        _ = scene.ask("b", 2, at: 0)
        _ = scene.receive("b", from: 1)
        #expect(scene.close() == ["1 unavailable", "2 unavailable"])
        #expect(scene.wakeAt == nil)
    }
}
