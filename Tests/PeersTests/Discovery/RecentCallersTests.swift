// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Synchronization
import Testing

@testable import Peers

@Suite("Those that have asked as peers")
struct RecentCallersTests {
    private typealias Caller = RecentCallers.Caller

    private let time = Time()

    private final class Time: Sendable {
        private let start = ContinuousClock.now
        private let seconds = Mutex(0)

        func set(_ seconds: Int) { self.seconds.withLock { $0 = seconds } }

        var now: ContinuousClock.Instant { start + .seconds(seconds.withLock(\.self)) }
    }

    private func callers() -> RecentCallers { RecentCallers(now: { [time] in time.now }) }

    @Test("are noted with a bounded part of who they say to be, even if combining marks make one letter of it")
    func instances() throws {
        let callers = callers()
        callers.note("192.0.2.1:49152", as: "a" + String(repeating: "\u{301}", count: 6000))
        #expect(try #require(callers.all.first).instance.unicodeScalars.count == 64)
    }

    @Test("are believed to be for a minute after they asked last")
    func lifetime() {
        let callers = callers()
        callers.note("192.0.2.1:49152", as: "a")
        time.set(30)
        callers.note("[2001:db8::1]:49152", as: "b")
        let (one, two) = (Caller(host: "192.0.2.1", instance: "a"), Caller(host: "2001:db8::1", instance: "b"))
        #expect(callers.all == [two, one])
        time.set(59)
        callers.note("192.0.2.1:49153", as: "a")
        time.set(89)
        #expect(callers.all == [one, two])
        time.set(90)
        #expect(callers.all == [one])
        time.set(119)
        #expect(callers.all == [])
    }

    @Test("are 64 at most, and whoever says to be many does not crowd out the others")
    func count() {
        let callers = callers()
        for number in 1...10 { callers.note("192.0.2.\(number):49152", as: "one") }
        for number in 1...200 {
            time.set(number / 10)
            callers.note("198.51.100.1:49152", as: "\(number)")
        }
        #expect(callers.all.count == 64)
        #expect(callers.all.count { $0.instance == "one" } == 10)
        #expect(callers.all.contains(Caller(host: "198.51.100.1", instance: "200")))
    }

    @Test("have addresses, and are told apart by no more than 64 characters", arguments: ["unknown", ""])
    func strangers(_ client: String) {
        let callers = callers()
        callers.note(client, as: "a")
        #expect(callers.all.isEmpty)
        callers.note("192.0.2.1:49152", as: String(repeating: "a", count: 8000))
        #expect(callers.all.map(\.instance.count) == [64])
    }
}
