// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import NIOCore
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// The deadlines of the issue: handshake 5 s, head 10 s, idle 75 s, 16 KiB in any 20 s.
@Suite("Deadlines of a client")
struct DeadlineTrackerTests {
    private static let start = Moment.now

    /// What becomes of a connection that is looked at four times a second.
    ///
    /// - Parameters:
    ///   - seconds: For how long.
    ///   - waitState: What it waits for, by the seconds since it was accepted.
    ///   - taken: What the client has acknowledged by then, in bytes.
    /// - Returns: When it is closed, in seconds, and why; nil if it is not.
    private func watch(
        for seconds: Double,
        _ waitState: (Double) -> WaitState,
        taken: (Double) -> Int? = { _ in 0 }
    ) -> (second: Double, reason: ConnectionEvent.CloseReason)? {
        var deadlineTracker = DeadlineTracker(acceptedAt: Self.start, age: Deadlines().age)
        for second in stride(from: 0.25, through: seconds, by: 0.25) {
            let now = Self.start + .milliseconds(Int64(second * 1000))
            if let reason = deadlineTracker.check(waitState(second), at: now, Deadlines(), taken: { taken(second) }) {
                return (second, reason)
            }
        }
        return nil
    }

    @Test(
        "ends at the deadline of what the client owes since it was accepted",
        arguments: [
            (WaitState(handshake: 0), 5, ConnectionEvent.CloseReason.handshakeTimeout),
            (WaitState(head: 0), 10, .headTimeout),
            (WaitState(request: 0), 75, .idleTimeout),
        ]
    )
    func waits(_ waitState: WaitState, _ limit: Double, _ reason: ConnectionEvent.CloseReason) throws {
        let end = try #require(watch(for: 100) { _ in waitState })
        #expect(end.reason == reason)
        #expect(end.second > limit && end.second <= limit + 1)
    }

    @Test("with an answer ends where that has a deadline, however fast it is taken, and begins anew with the next")
    func answers() throws {
        func watch(_ number: (Double) -> Int) -> Double? {
            var deadlineTracker = DeadlineTracker(acceptedAt: Self.start, age: Deadlines().age)
            var deadlines = Deadlines()
            deadlines.answer = .seconds(5)
            for second in stride(from: 0.25, through: 60, by: 0.25) {
                let now = Self.start + .milliseconds(Int64(second * 1000))
                let waitState = WaitState(answers: 1, answer: number(second))
                if deadlineTracker.check(waitState, at: now, deadlines, taken: { Int(second) << 20 }) != nil {
                    return second
                }
            }
            return nil
        }
        let end = try #require(watch { _ in 1 })
        #expect(end > 5 && end <= 6)
        #expect(watch { Int($0 / 4) } == nil)
    }

    @Test("begins anew with each request")
    func occasions() throws {
        // A request every nine seconds, of which each head takes all that time; then one that does not end.
        let end = try #require(watch(for: 100) { WaitState(head: Int(min($0, 50) / 9)) })
        #expect(end.reason == .headTimeout)
        #expect(end.second > 55 && end.second <= 56)
    }

    @Test("gives the head of a request its own time, after the handshake")
    func handshakeThenHead() throws {
        let end = try #require(watch(for: 100) { $0 < 4 ? WaitState(handshake: 0) : WaitState(head: 0) })
        #expect(end.reason == .headTimeout)
        #expect(end.second > 14 && end.second <= 15)
    }

    @Test("does not take frames for requests: what comes between does not extend the time without one")
    func idleWithFrames() throws {
        let end = try #require(
            watch(for: 200) { second in
                let isWithinFrame = Int(second) % 3 == 0
                return WaitState(head: isWithinFrame ? Int(second) : nil, request: 7)
            }
        )
        #expect(end.reason == .idleTimeout)
        #expect(end.second > 75 && end.second <= 76)
    }

    @Test("has no end with a client that takes 16 KiB in less than 20 seconds")
    func slowReader() {
        let end = watch(for: 3600, { _ in WaitState(answers: 1) }, taken: { Int($0) * 16 * 1024 / 19 })
        #expect(end == nil)
    }

    @Test("ends with a client that takes less than 16 KiB in 20 seconds")
    func tooSlowReader() throws {
        let end = try #require(
            watch(for: 3600, { _ in WaitState(answers: 1) }, taken: { Int($0) * 16 * 1024 / 22 })
        )
        #expect(end.reason == .stalledReader)
        #expect(end.second > 20 && end.second <= 22)
    }

    @Test("ends 20 seconds after a client has taken the last of what it takes")
    func stalledReader() throws {
        let end = try #require(
            watch(for: 3600, { _ in WaitState(answers: 1) }, taken: { Int(min($0, 60)) * 1_000_000 })
        )
        #expect(end.reason == .stalledReader)
        #expect(end.second > 80 && end.second <= 82)
    }

    @Test("counts a head that trickles in while an answer is on its way")
    func both() throws {
        let end = try #require(
            watch(for: 100, { _ in WaitState(head: 0, answers: 1) }, taken: { Int($0) * 1_000_000 })
        )
        #expect(end.reason == .headTimeout)
    }

    @Test("does not guess where the system does not tell what was taken")
    func unknown() {
        let end = watch(for: 3600, { _ in WaitState(answers: 1) }, taken: { _ in nil })
        #expect(end == nil)
    }
}
