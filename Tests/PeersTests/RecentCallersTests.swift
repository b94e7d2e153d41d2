// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Synchronization
import Testing

@testable import Peers

@Suite("Those that have asked as peers")
struct RecentCallersTests {
    private let time = Time()

    private final class Time: Sendable {
        private let start = ContinuousClock.now
        private let seconds = Mutex(0)

        func set(_ seconds: Int) { self.seconds.withLock { $0 = seconds } }

        var now: ContinuousClock.Instant { start + .seconds(seconds.withLock(\.self)) }
    }

    private func callers() -> RecentCallers { RecentCallers(now: { [time] in time.now }) }

    private func addresses(_ callers: RecentCallers) -> [String?] {
        callers.addresses(port: 8082).map { $0.port == 8082 ? $0.ipAddress : nil }
    }

    @Test("are believed to be for a minute after they asked last")
    func lifetime() {
        let callers = callers()
        callers.note("192.0.2.1:49152")
        time.set(30)
        callers.note("[2001:db8::1]:49152")
        #expect(addresses(callers) == ["2001:db8::1", "192.0.2.1"])
        time.set(59)
        callers.note("192.0.2.1:49153")
        time.set(89)
        #expect(addresses(callers) == ["192.0.2.1", "2001:db8::1"])
        time.set(90)
        #expect(addresses(callers) == ["192.0.2.1"])
        time.set(119)
        #expect(addresses(callers) == [])
    }

    @Test("are the last 64, however many say so")
    func count() {
        let callers = callers()
        for number in 1...200 {
            time.set(number / 10)
            callers.note("192.0.2.\(number):49152")
        }
        let addresses = addresses(callers)
        #expect(addresses.count == 64)
        #expect(addresses.contains("192.0.2.200"))
        #expect(!addresses.contains("192.0.2.100"))
    }

    @Test("have addresses", arguments: ["unknown", "a:1", "", ":", "[]:1", "[fe80::1%a]:1"])
    func strangers(_ client: String) {
        let callers = callers()
        callers.note(client)
        #expect(addresses(callers).isEmpty)
    }
}
