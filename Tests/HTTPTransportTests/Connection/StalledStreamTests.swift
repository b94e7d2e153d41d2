// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import NIOCore
import NIOHTTP2
import TestSupport
import Testing

@testable import HTTPTransport

/// The floor of one answer: 16 KiB in any 20 s, unless it is the connection or another answer that keeps it waiting.
@Suite("An HTTP/2 stream whose client allows nothing to be sent", .timeLimit(.minutes(5)))
struct StalledStreamTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private static let stream = HTTP2StreamID(1)

    /// When a stream counts as stalled that is looked at four times a second; nil if it never does.
    ///
    /// - Parameters:
    ///   - window: The client's SETTINGS_INITIAL_WINDOW_SIZE, in bytes.
    ///   - change: What happens on it in a quarter of a second, by the seconds since it was opened.
    /// - Returns: The seconds since it was opened.
    private func second(window: Int, _ change: (HTTP2Streams, Double) -> Void = { _, _ in }) -> Double? {
        let streams = HTTP2Streams(limit: 100)
        streams.initialWindowBecame(window)
        streams.begin(Self.stream, requestHasEnded: true)
        for second in stride(from: 0.25, through: 100, by: 0.25) {
            change(streams, second)
            let now = Self.start + .milliseconds(Int64(second * 1000))
            if streams.stalled(at: now, Deadlines()) == [Self.stream] { return second }
        }
        return nil
    }

    @Test("is given up after 20 s")
    func empty() throws {
        let end = try #require(second(window: 0))
        #expect(end > 20 && end <= 21)
    }

    @Test("is given up, too, if it lets a byte through now and then, and not if it lets through 16 KiB in 20 s")
    func trickle() throws {
        func trickle(_ count: Int) -> Double? {
            second(window: 0) { streams, second in
                guard second == second.rounded() else { return }
                streams.windowGrew(by: count, on: Self.stream)
                streams.sent(count, on: Self.stream)
            }
        }
        let end = try #require(trickle(1))
        #expect(end > 20 && end <= 21)
        #expect(trickle(1 << 10) == nil)
    }

    @Test("is not given up while its window is open: others have their turn, or the socket is full")
    func open() {
        #expect(second(window: 1) == nil)
    }

    @Test("is given up where the window was closed by a setting, which can make it negative (RFC 9113 §6.9.2)")
    func negative() throws {
        let end = try #require(
            second(window: 65_535) { streams, second in
                if second == 0.25 { streams.sent(65_535, on: Self.stream) }
                if second == 5 { streams.initialWindowBecame(0) }
                if second == 10 { streams.windowGrew(by: 65_535, on: Self.stream) }
            }
        )
        #expect(end > 20 && end <= 21)
    }

    @Test("is given up after 30 s, however fast it is taken, if its module is no longer kept and its memory is needed")
    func dropped() throws {
        let blob = try SealedBlob.of(WasmModule.plugin)
        let tally = SealedTally()
        tally.count(blob, as: 1)
        func end(isAwaited: Bool) -> Double? {
            tally.isAwaited = isAwaited
            return second(window: 1 << 20) { streams, second in
                if second == 0.25 { streams.sends(blob.life, since: Self.start, on: Self.stream) }
            }
        }
        #expect(end(isAwaited: false) == nil)
        #expect(end(isAwaited: true) == 30.25)
    }

    @Test("is given up where nothing passes the connection's window, and not while others pass it")
    func connectionWindow() throws {
        func second(_ passing: Int) -> Double? {
            self.second(window: 1 << 20) { streams, second in
                if second == 0.25 { streams.sent(65_535, on: Self.stream) }
                // Another stream gets what the client allows.
                streams.windowGrew(by: passing, on: .rootStream)
                streams.sent(passing, on: 3)
            }
        }
        let end = try #require(second(0))
        #expect(end > 20 && end <= 21)
        #expect(second(10) != nil)
        #expect(second(1 << 10) == nil)
    }

    @Test("is given up though its client changes which of the windows is empty")
    func changingWindows() throws {
        let end = try #require(
            second(window: 1 << 20) { streams, second in
                if second == 0.25 { streams.sent(65_535, on: Self.stream) }
                streams.initialWindowBecame(second.truncatingRemainder(dividingBy: 2) < 1 ? 0 : 1 << 20)
            }
        )
        #expect(end > 20 && end <= 21)
    }

    @Test("loses that answer while others on its connection are taken, and they go on")
    func reset() async throws {
        let clock = TestClock(step: .seconds(5))
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.interval = .milliseconds(20)
        let module = WasmModule.ofSize(32 << 10)
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: limits) { server in
            let connection = try await server.connect(over: .h2c)
            try await connection.send(
                HTTP2Frames.openingWithoutWindow + HTTP2Frames.settingsAcknowledgement
                    + HTTP2Frames.frame(0x8, payload: [0x7f, 0xff, 0, 0]) + HTTP2Frames.get("/plugin.wasm", stream: 1)
            )
            // What the client takes meanwhile satisfies the floor of the connection.
            for stream in stride(from: 3, through: 1001, by: 2) {
                let update = HTTP2Frames.frame(0x8, stream: stream, payload: [0, 1, 0, 0])
                try await connection.send(HTTP2Frames.get("/plugin.wasm", stream: stream) + update)
                try await connection.awaitReceived { HTTP2Frames($0).content(ofStream: stream) == module }
                guard server.observer.exchanges.allSatisfy(\.isComplete) else { break }
                clock.advance()
            }
            // CANCEL (RFC 9113 §7).
            try await connection.awaitReceived { HTTP2Frames($0).resets == [1: 8] }
            #expect(server.observer.exchanges.filter { !$0.isComplete }.count == 1)
            #expect(server.observer.events.allSatisfy { $0 == .opened })
            try await connection.closeOutput()
            _ = try await connection.everything()
        }
    }
}
