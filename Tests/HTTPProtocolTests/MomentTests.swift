// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPProtocol

@Suite("A moment")
struct MomentTests {
    @Test("is as much later as is said", arguments: [0, 1, 250_000_000, 3_600_000_000_000, -5_000_000_001] as [Int64])
    func later(_ nanoseconds: Int64) {
        let now = Moment.now
        #expect(now + .nanoseconds(nanoseconds) - now == .nanoseconds(nanoseconds))
    }

    @Test("comes before those that are later, however much")
    func order() {
        let now = Moment.now
        #expect(now < now + .nanoseconds(1))
        #expect(now < now + .seconds(1_000_000_000))
        #expect(now < now + Duration(secondsComponent: .max, attosecondsComponent: 0))
        #expect(now < now + .seconds(9_000_000_000) + .seconds(9_000_000_000))
        #expect(now + Duration(secondsComponent: .min, attosecondsComponent: 0) < now)
        #expect(Moment.now >= now)
    }

    @Test("is as long before another as can be told, however much that is")
    func distance() {
        let first = Moment.now + Duration(secondsComponent: .min, attosecondsComponent: 0)
        let last = Moment.now + Duration(secondsComponent: .max, attosecondsComponent: 0)
        #expect(last - first == .nanoseconds(Int64.max))
        #expect(first - last == .nanoseconds(Int64.min))
        #expect(last - last == .zero)
    }
}
