// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import NIOCore
import Testing

@testable import Peers

@Suite("The plan of an adoption")
struct AdoptionPlanTests {
    /// A plan among numbered peers, with room for 100 bytes, whose orders are told in words: `a from 1`.
    private struct Scene {
        var plan: AdoptionPlan
        /// What was received of that.
        var received = 0
        private let now = ContinuousClock.now

        init(_ scope: AdoptionPlan.Scope = .everything) {
            plan = AdoptionPlan(scope)
        }

        private var room: AdoptionPlan.Room { AdoptionPlan.Room(kept: 100, free: 100 - received, largest: 100) }

        mutating func receive(
            _ names: String,
            from peer: Int,
            size: Int = 10,
            isCurrent: Bool = true,
            last: Int64? = nil
        ) {
            let entries = names.map { name in
                PeerList.Entry(digest: digest("\(name)"), size: size, isCurrent: isCurrent, lastUsed: last)
            }
            plan.receive(entries, from: .numbered(peer))
        }

        /// All that can be fetched now.
        mutating func orders() -> [String] {
            var orders: [String] = []
            while let order = plan.next(in: room, at: now, isHere: { _ in false }) {
                let last = order.lastUsed.map { ", used at \($0)" } ?? ""
                orders.append("\(name(order.digest)) from \(order.first.peer.address.port ?? 0)\(last)")
            }
            return orders
        }

        /// Who is asked beside.
        mutating func slow(_ name: String) -> Int? { take(.slow, of: name) }

        /// Who is asked instead.
        mutating func fail(_ name: String, by peer: Int, _ error: PeerError = .timeout) -> Int? {
            take(.failed(.numbered(peer), error), of: name)
        }

        mutating func end(_ name: String, byteCount: Int?) { plan.endFetch(of: digest(name), byteCount: byteCount) }

        private mutating func take(_ setback: Setback, of name: String) -> Int? {
            plan.nextHolder(after: setback, of: digest(name), in: room, at: now)?.peer.address.port
        }

        private func digest(_ name: String) -> Digest { Digest(of: Array(name.utf8)) }

        private func name(_ digest: Digest) -> String {
            "abcdefgh".map { "\($0)" }.first { self.digest($0) == digest } ?? "?"
        }
    }

    @Test("has what is current first, then what was used last, by any peer")
    func order() {
        var scene = Scene()
        scene.receive("a", from: 1, isCurrent: false)
        scene.receive("b", from: 1, isCurrent: false, last: 5)
        scene.receive("c", from: 1, isCurrent: false, last: 6)
        scene.receive("d", from: 1, isCurrent: false, last: 9)
        scene.receive("b", from: 2, isCurrent: false, last: 7)
        scene.receive("d", from: 2)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["d from 1", "b from 1, used at 7"])
        scene.end("d", byteCount: 10)
        #expect(scene.orders() == ["c from 1, used at 6"])
        scene.end("b", byteCount: 10)
        #expect(scene.orders() == ["a from 1"])
    }

    @Test("begins more when a fetch is slow")
    func slowness() {
        var scene = Scene()
        scene.receive("abcd", from: 1)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1", "b from 1"])
        #expect(scene.slow("a") == nil)
        #expect(scene.plan.slowAttempts.count == 1)
        #expect(scene.orders() == ["c from 1"])
        #expect(scene.slow("b") == nil)
        #expect(scene.orders() == ["d from 1"])
    }

    @Test("of what peers serve leaves one that takes long with what it was asked for")
    func slowCurrent() {
        var scene = Scene(.lasting(since: 5))
        scene.receive("abcd", from: 1)
        scene.receive("ef", from: 2)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1", "b from 1"])
        #expect(scene.slow("a") == nil)
        #expect(scene.orders() == ["e from 2"])
        #expect(scene.slow("b") == nil)
        #expect(scene.orders() == ["f from 2"])
        scene.end("e", byteCount: 10)
        scene.end("f", byteCount: 10)
        #expect(scene.orders() == [])
    }

    @Test("of what peers serve asks none that did badly for anything more, whatever it lists")
    func current() {
        var scene = Scene(.lasting(since: 5))
        scene.receive("abcd", from: 1)
        scene.receive("d", from: 2)
        scene.receive("e", from: 2, isCurrent: false)
        scene.receive("f", from: 2, isCurrent: false, last: 5)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1", "b from 1"])
        #expect(scene.fail("a", by: 1) == nil)
        scene.end("a", byteCount: nil)
        #expect(scene.orders() == ["d from 2"])
        scene.end("b", byteCount: 10)
        scene.end("d", byteCount: 10)
        #expect(scene.orders() == [])
    }

    @Test("has what only those list who did badly last")
    func outliers() {
        var scene = Scene()
        scene.receive("abcd", from: 1)
        scene.receive("de", from: 2)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1", "b from 1"])
        #expect(scene.fail("a", by: 1) == nil)
        scene.end("a", byteCount: nil)
        #expect(scene.orders() == ["d from 2"])
        scene.end("d", byteCount: 10)
        #expect(scene.orders() == ["e from 2"])
        scene.end("b", byteCount: 10)
        #expect(scene.orders() == ["c from 1"])
    }

    @Test("asks the next who lists a digest, those who did badly last")
    func holders() {
        var scene = Scene()
        scene.receive("ab", from: 1)
        scene.receive("ab", from: 2)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1", "b from 1"])
        #expect(scene.fail("a", by: 1) == 2)
        #expect(scene.fail("a", by: 2, .otherBytes) == nil)
        scene.end("a", byteCount: nil)
        #expect(scene.plan.report.failedCount == 1)
    }

    @Test("tries again what had no room beside what did not come after all")
    func deferral() {
        var scene = Scene()
        scene.receive("a", from: 1, size: 100)
        scene.receive("b", from: 2, size: 100)
        scene.receive("c", from: 2, size: 101)
        scene.plan.endRound(.init(heardAll: true, isNobodyThere: false))
        #expect(scene.orders() == ["a from 1"])
        // What is larger than all of the room is left out for good.
        #expect(scene.plan.report.leftOutCount == 1)
        // Nothing of what was claimed has come.
        #expect(scene.slow("a") == nil)
        #expect(scene.orders() == ["b from 2"])
        scene.received = 60
        #expect(scene.fail("b", by: 2, .noMemory) == nil)
        scene.end("b", byteCount: nil)
        #expect(scene.orders() == [])
        scene.received = 0
        #expect(scene.fail("a", by: 1) == nil)
        scene.end("a", byteCount: nil)
        #expect(scene.orders() == ["b from 2"])
        scene.end("b", byteCount: 100)
        #expect(scene.plan.report.failedCount == 1)
        #expect(scene.plan.report.adoptedCount == 1)
        #expect(scene.plan.isIdle)
    }
}
