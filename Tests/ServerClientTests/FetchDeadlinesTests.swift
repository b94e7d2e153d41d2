// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import ServerClient

@Suite("The deadlines of an exchange")
struct FetchDeadlinesTests {
    /// What happens to an exchange, at a time in milliseconds since it began.
    enum Event: Sendable {
        case connected
        case waits
        case isBusy
        case bytes(Int)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let span: FetchTiming.Span
        let events: [(time: Int64, event: Event)]
        /// When a deadline is missed, in milliseconds.
        let missed: Int64
    }

    private static let near = FetchTiming.Span.connected(.seconds(10), stall: .seconds(1))
    private static let start: [(time: Int64, event: Event)] = [(0, .waits), (0, .connected)]

    static let cases: [Case] = [
        Case(
            testDescription: "all of it, connecting included",
            span: .whole(.seconds(5)),
            events: [(0, .waits), (4000, .connected)],
            missed: 5000
        ),
        Case(testDescription: "no connection", span: near, events: [(0, .waits)], missed: 12_000),
        Case(testDescription: "nothing comes", span: near, events: start, missed: 1000),
        Case(
            testDescription: "a head comes late, and nothing after it: the wait goes on",
            span: near,
            events: start + [(950, .bytes(200)), (950, .waits)],
            missed: 1000
        ),
        Case(
            testDescription: "16 KiB come within the time, and then nothing",
            span: near,
            events: start + [(900, .bytes(16 << 10))],
            missed: 1900
        ),
        Case(
            testDescription: "the taker is busy for long",
            span: near,
            events: start + [(500, .isBusy), (5000, .waits)],
            missed: 6000
        ),
        Case(
            testDescription: "much comes all the time, but not all",
            span: near,
            events: start + (1...30).map { (500 * $0, .bytes(1 << 20)) },
            missed: 10_000
        ),
        // Two round trips of 300 ms more for progress.
        Case(
            testDescription: "a server that is far away",
            span: near,
            events: [(0, .waits), (300, .connected)],
            missed: 1900
        ),
    ]

    @Test("are missed when they should be", arguments: cases)
    func miss(_ example: Case) throws {
        let loop = EmbeddedEventLoop()
        let begin = loop.now
        let isMissed = Mutex(false)
        let deadlines = FetchDeadlines(FetchTiming(connecting: .seconds(2), example.span), on: loop)
        deadlines.begin { isMissed.withLock { $0 = true } }
        var missed: Int64?
        for time in stride(from: Int64(0), through: 60_000, by: 50) {
            loop.advanceTime(to: begin + .milliseconds(time))
            if missed == nil, isMissed.withLock({ $0 }) { missed = time }
            for event in example.events where event.time == time { tell(event.event, at: time, deadlines) }
        }
        #expect(missed == example.missed)
        deadlines.end()
    }

    private func tell(_ event: Event, at time: Int64, _ deadlines: FetchDeadlines) {
        switch event {
        case .connected: deadlines.connected(after: .milliseconds(time))
        case .waits: deadlines.beginWaiting()
        case .isBusy: deadlines.endWaiting()
        case .bytes(let count): deadlines.progress(by: count)
        }
    }
}
