// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import NIOCore
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// What DeadlineTrackerTests show of the arithmetic, on real connections, with a clock that makes a second of each look.
@Suite("A client that keeps the server waiting")
struct DeadlineTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    /// HEADERS on stream 1 of a GET of /health, complete (RFC 7541 Appendix A: 2 is GET, 6 http, 4 :path, 1 :authority).
    private static let request: [UInt8] =
        [0, 0, 14, 1, 5, 0, 0, 0, 1] + [0x82, 0x86, 0x04, 7] + Array("/health".utf8) + [0x41, 1, UInt8(ascii: "a")]

    private static func limits(_ clock: TestClock) -> Limits {
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        return limits
    }

    /// What the server says, in all, to a client that sends this and then nothing.
    ///
    /// The time begins to pass when the server has said something, or, if it has no reason to, when it has accepted.
    private func reply(
        to bytes: [UInt8],
        answered: Bool = true
    ) async throws -> (reply: [UInt8], events: [ConnectionEvent]) {
        let clock = TestClock()
        return try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: Self.limits(clock)) {
            server in
            let connection = try await RawConnection.open(port: server.port)
            if !bytes.isEmpty { try await connection.send(bytes) }
            if answered {
                try await connection.awaitFirstBytes()
            } else {
                await server.observer.awaitEvent(.opened)
            }
            // No further than to the first deadline: what follows has deadlines of its own.
            let observer = server.observer
            clock.run { !observer.events.contains(where: \.isClosedByServer) }
            return (try await connection.everything(), observer.events)
        }
    }

    @Test(
        "is cut after 30 s if it is still taking a module that is no longer kept, whose memory is needed",
        arguments: WireProtocol.ofHTTP1
    )
    func droppedModule(_ wire: WireProtocol) async throws {
        let clock = TestClock(step: .seconds(1))
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        limits.deadlines.stall = .seconds(3600)
        let blob = try SealedBlob.of(WasmModule.ofSize(16 << 20))
        let responder = PromisingResponder()
        let response = Response(head: ResponseHead(.ok, []), body: .blob(blob, 0..<blob.count))
        responder.deliver("/plugin.wasm", response)
        let tally = SealedTally()
        tally.count(blob, as: blob.count)
        try await LiveServer.with(responder: responder, limits: limits) { server in
            let connection = try await server.connect(over: wire, stalling: true)
            try await connection.send("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.awaitFirstBytes()
            await clock.pass(.seconds(60))
            #expect(server.observer.exchanges.isEmpty)
            tally.isAwaited = true
            clock.run()
            await server.observer.awaitEvent(.closedByServer(.overload))
            await server.observer.awaitExchanges(1)
            #expect(server.observer.exchanges.first?.isComplete == false)
        }
    }

    @Test("still gets an answer over HTTP/2 to a request that crosses the end of an idle connection (RFC 9113 §6.8)")
    func requestAtIdleEnd() async throws {
        let clock = TestClock()
        var limits = Self.limits(clock)
        limits.deadlines.roundTrip = .seconds(60)
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let connection = try await server.connect(over: .h2c)
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get("/health"))
            try await connection.awaitReceived { !HTTP2Frames($0).content(ofStream: 1).isEmpty }
            let observer = server.observer
            clock.run { !observer.events.contains(where: \.isClosedByServer) }
            await observer.awaitEvent(.closedByServer(.idleTimeout))
            try await connection.awaitReceived { HTTP2Frames($0).goAwayLastStreams == [0x7fff_ffff] }
            let acknowledgement = HTTP2Frames.frame(0x6, flags: 1, payload: Array("wasmdrai".utf8))
            try await connection.send(HTTP2Frames.get("/health", stream: 3) + acknowledgement)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(String(decoding: frames.content(ofStream: 3), as: UTF8.self).contains("Healthy"))
            #expect(frames.goAwayLastStreams == [0x7fff_ffff, 3])
        }
    }

    @Test("is closed if it says nothing at all, or not all of a preface", arguments: ["", "PRI * HT"])
    func silence(_ text: String) async throws {
        let (reply, events) = try await reply(to: Array(text.utf8), answered: false)
        #expect(reply.isEmpty)
        #expect(events.contains(.closedByServer(.headTimeout)))
    }

    /// Nothing, the head of a TLS record with the beginning of a ClientHello (RFC 8446 §5.1), and what may become anything.
    @Test(
        "is cut if it does not complete its TLS handshake",
        arguments: [[], [22, 3, 1, 2, 0, 1, 0], Array("PR".utf8)] as [[UInt8]]
    )
    func handshake(_ bytes: [UInt8]) async throws {
        let clock = TestClock()
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: Self.limits(clock)) { server in
            let connection = try await RawConnection.open(port: server.securePort)
            if !bytes.isEmpty { try await connection.send(bytes) }
            await server.observer.awaitEvent(.opened)
            clock.run()
            await server.observer.awaitEvent(.closed)
            #expect(server.observer.events == [.opened, .closedByServer(.handshakeTimeout), .closed])
        }
    }

    @Test("is told with 408 that its head came too late")
    func head() async throws {
        let whole = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
        let (reply, events) = try await reply(to: Array((whole + "GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n").utf8))
        let statuses = String(decoding: reply, as: UTF8.self).matches(of: /HTTP\/1.1 (\d+)/).map(\.output.1)
        #expect(statuses == ["200", "408"])
        #expect(events.contains(.closedByServer(.headTimeout)))
    }

    @Test("is closed when it asks for nothing more over HTTP/1.1")
    func idleHTTP1() async throws {
        let (reply, events) = try await reply(to: Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(String(decoding: reply, as: UTF8.self).ranges(of: "HTTP/1.1 ").count == 1)
        #expect(events.contains(.closedByServer(.idleTimeout)))
    }

    @Test("is told with GOAWAY if it asks for nothing over HTTP/2")
    func silenceHTTP2() async throws {
        let (reply, events) = try await reply(to: Self.preface)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [0])
        #expect(events.contains(.closedByServer(.headTimeout)))
    }

    @Test(
        "is told with GOAWAY if a header block does not end over HTTP/2",
        arguments: [
            // HEADERS that announces ten bytes and has one; HEADERS without END_HEADERS (RFC 9113 §6.2).
            [0, 0, 10, 1, 5, 0, 0, 0, 3, 0x82], [0, 0, 1, 1, 1, 0, 0, 0, 3, 0x82],
        ] as [[UInt8]]
    )
    func headerBlock(_ frame: [UInt8]) async throws {
        let (reply, events) = try await reply(to: Self.preface + Self.request + frame)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [1])
        #expect(events.contains(.closedByServer(.headTimeout)))
    }

    @Test("is led out with two GOAWAYs when it asks for nothing more over HTTP/2")
    func idleHTTP2() async throws {
        let (reply, events) = try await reply(to: Self.preface + Self.request)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [0x7fff_ffff, 1])
        #expect(events.contains(.closedByServer(.idleTimeout)))
    }

    @Test("is cut when it stops taking what it has asked for", arguments: WireProtocol.allCases)
    func stalledReader(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(24 << 20)
        let clock = TestClock()
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: Self.limits(clock)) { server in
            let download = try await server.beginDownload("/plugin.wasm", over: wire)
            clock.run()
            await server.observer.awaitEvent(.closedByServer(.stalledReader))
            await #expect(throws: (any Error).self) { try await download.finish() }
        }
    }

    /// When a client closes its side that takes no more of an answer, if it does.
    enum HalfClosure: CaseIterable {
        case never
        case withItsRequest
        case whenAllWasHandedToTheSystem
    }

    /// The system of the server takes this module whole, and the client takes little of it: what is left is still the server's.
    @Test(
        "is cut when it stops taking the end of an answer that was handed to the system",
        arguments: HalfClosure.allCases
    )
    func unreadEnd(_ halfClosure: HalfClosure) async throws {
        let module = WasmModule.ofSize(80_000)
        let clock = TestClock()
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: Self.limits(clock)) { server in
            let connection = try await RawConnection.open(port: server.port, over: .http1, stalling: true)
            try await connection.send("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if halfClosure == .withItsRequest { try await connection.closeOutput() }
            await server.observer.awaitExchanges(1)
            #expect(server.observer.exchanges.map(\.isComplete) == [true])
            if halfClosure == .whenAllWasHandedToTheSystem { try await connection.closeOutput() }
            clock.run()
            await server.observer.awaitEvent(.closedByServer(.stalledReader))
            await server.observer.awaitEvent(.closed)
            // Closed without a reset, the system would go on holding it, and the client could still read it.
            await #expect(throws: (any Error).self) {
                try await connection.resume()
                _ = try await connection.everything()
            }
        }
    }

    @Test("is asked to connect anew when its connection is an hour old", arguments: WireProtocol.allCases)
    func age(_ wire: WireProtocol) async throws {
        let clock = TestClock(step: .seconds(2 * 3600))
        var limits = Self.limits(clock)
        limits.deadlines.idle = .seconds(10 * 3600)
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let connection = try await server.connect(over: wire)
            let plainRequest = Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            try await connection.send(wire.isHTTP2 ? Self.preface + Self.request : plainRequest)
            try await connection.awaitFirstBytes()
            clock.advance()
            let reply = try await connection.everything()
            if wire.isHTTP2 {
                #expect(HTTP2Frames(reply).goAwayLastStreams == [0x7fff_ffff, 1])
            } else {
                #expect(String(decoding: reply, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK"))
            }
            #expect(server.observer.events.allSatisfy { [.opened, .handshakeCompleted, .closed].contains($0) })
        }
    }
}

extension ConnectionEvent {
    /// Whether a client has missed a deadline.
    fileprivate var isClosedByServer: Bool {
        if case .closedByServer = self { true } else { false }
    }
}
