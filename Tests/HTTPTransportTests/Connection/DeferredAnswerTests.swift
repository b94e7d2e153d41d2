// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import TestSupport
import Testing
import WasmService

@testable import HTTPProtocol
@testable import HTTPTransport

/// The tests deliver from their own threads, none of which is the connection's.
@Suite("An answer that comes later")
struct DeferredAnswerTests {
    /// Serves while `body` runs.
    private func serve(
        limits: Limits = .timeless,
        _ body: nonisolated(nonsending) (LiveServer, PromisingResponder) async throws -> Void
    ) async throws {
        let responder = PromisingResponder()
        try await LiveServer.with(responder: responder, limits: limits) { server in
            try await body(server, responder)
        }
    }

    /// A connection whose client waits for the answer at `/a`.
    private static func ask(
        _ server: LiveServer,
        _ responder: PromisingResponder,
        over wire: WireProtocol
    ) async throws -> RawConnection {
        let connection = try await server.connect(over: wire)
        try await connection.request("/a", over: wire)
        await responder.awaitRequest(for: "/a")
        return connection
    }

    /// A connection of HTTP/1.1 whose client has had an answer.
    private static func idle(_ server: LiveServer, over wire: WireProtocol) async throws -> RawConnection {
        let connection = try await server.connect(over: wire)
        try await connection.request("/now", over: .http1)
        try await connection.awaitFirstBytes()
        return connection
    }

    @Test("is sent when it comes, whether it is awaited by then or not", arguments: WireProtocol.allCases)
    func delivery(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            async let late = server.fetch(TestRequest("GET", "/late"), over: wire)
            await responder.awaitRequest(for: "/late")
            let before = ContinuousClock.now
            responder.deliver("/early")
            #expect(try await server.fetch(TestRequest("GET", "/early"), over: wire).text == "/early\n")
            let waited = ContinuousClock.now - before
            responder.deliver("/late")
            #expect(try await late.text == "/late\n")

            await server.observer.awaitExchanges(2)
            let exchange = try #require(server.observer.exchanges.last)
            #expect(exchange.isComplete)
            // From the request on, not from the delivery.
            #expect(exchange.duration >= waited)
        }
    }

    @Test("may be a module", arguments: WireProtocol.allCases)
    func module(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(2 << 20)
        let service = WasmService(serving: try .of(["plugin.wasm": module]), now: { LiveServer.now })
        try await serve { server, responder in
            async let content = server.fetch(TestRequest("GET", "/plugin.wasm"), over: wire).content
            await responder.awaitRequest(for: "/plugin.wasm")
            let request = Request(method: .get, path: "/plugin.wasm")
            guard case .now(let response) = service.responder().respond(to: request, from: .example) else {
                Issue.record("a module that is there is answered at once")
                return
            }
            responder.deliver("/plugin.wasm", response)
            let received = try await content
            #expect(received == module)
        }
    }

    @Test("is its head alone for HEAD", arguments: WireProtocol.allCases)
    func head(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            async let answer = server.fetch(TestRequest("HEAD", "/a"), over: wire)
            await responder.awaitRequest(for: "/a")
            responder.deliver("/a")
            let reply = try await answer
            #expect(reply.status == 200)
            #expect(reply["content-length"] == "3")
            #expect(reply.content.isEmpty)
        }
    }

    @Test("keeps the requests behind it waiting over HTTP/1.1", arguments: WireProtocol.ofHTTP1)
    func pipeline(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await server.connect(over: wire)
            let requests = ["/now", "/a", "/now", "/b"].map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            try await connection.send(requests + "GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            await responder.awaitRequest(for: "/a")
            responder.deliver("/b")
            await server.observer.awaitExchanges(1)
            #expect(server.observer.exchanges.count == 1)
            #expect(!responder.wasAsked(for: "/b"))
            responder.deliver("/a")
            let reply = String(decoding: try await connection.everything(), as: UTF8.self)
            let contents = reply.matches(of: /\r\n\r\n(.*)\n/).map { String($0.output.1) }
            #expect(contents == ["now", "/a", "now", "/b", "now"])
            #expect(reply.ranges(of: "connection: close\r\n").count == 1)
        }
    }

    @Test("keeps no other stream waiting over HTTP/2", arguments: WireProtocol.ofHTTP2)
    func streams(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await server.connect(over: wire)
            let requests = HTTP2Frames.get("/a") + HTTP2Frames.get("/b", stream: 3) + HTTP2Frames.get("/now", stream: 5)
            try await connection.send(HTTP2Frames.opening + requests)
            await server.observer.awaitExchanges(1)
            responder.deliver("/b")
            await server.observer.awaitExchanges(2)
            responder.deliver("/a")
            await server.observer.awaitExchanges(3)
            #expect(server.observer.exchanges.map { $0.request?.path } == ["/now", "/b", "/a"])
            try await connection.send(HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.content(ofStream: 1) == Array("/a\n".utf8))
            #expect(frames.content(ofStream: 3) == Array("/b\n".utf8))
            #expect(frames.content(ofStream: 5) == Array("now\n".utf8))
        }
    }

    @Test("still gets to a client that has closed its side", arguments: WireProtocol.allCases)
    func halfClosed(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await Self.ask(server, responder, over: wire)
            try await connection.closeOutput()
            // It takes a while, in which the server hears of that.
            #expect(try await server.fetch(TestRequest("GET", "/now"), over: wire).status == 200)
            responder.deliver("/a")
            #expect(String(decoding: try await connection.everything(), as: UTF8.self).contains("/a\n"))
        }
    }

    @Test("is waited for by a shutdown, and is the connection's last", arguments: WireProtocol.allCases)
    func drain(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await Self.ask(server, responder, over: wire)
            let idle = try await Self.idle(server, over: wire.isEncrypted ? .http1OverTLS : .http1)
            await server.beginShutdown()
            // It is closed a second after the shutdown has reached the connections of this port.
            _ = try await idle.everything()
            responder.deliver("/a")
            let reply = try await connection.everything()
            if wire.isHTTP2 {
                #expect(HTTP2Frames(reply).content(ofStream: 1) == Array("/a\n".utf8))
                #expect(HTTP2Frames(reply).goAwayLastStreams == [0x7fff_ffff, 1])
            } else {
                #expect(String(decoding: reply, as: UTF8.self).contains("connection: close\r\n"))
                #expect(String(decoding: reply, as: UTF8.self).hasSuffix("/a\n"))
            }
        }
    }

    @Test("is not sent on a stream that was reset, which harms no other", arguments: WireProtocol.ofHTTP2)
    func reset(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await server.connect(over: wire)
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get("/a"))
            await responder.awaitRequest(for: "/a")
            // RST_STREAM with CANCEL (RFC 9113 §6.4, §7).
            let cancel = HTTP2Frames.frame(0x3, stream: 1, payload: [0, 0, 0, 8])
            try await connection.send(cancel + HTTP2Frames.get("/now", stream: 3))
            await server.observer.awaitExchanges(1)
            responder.deliver("/a")
            await server.observer.awaitExchanges(2)
            try await connection.send(HTTP2Frames.get("/now", stream: 5) + HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.answeredStreams == [3, 5])
            #expect(frames.resets.isEmpty)
            #expect(frames.goAwayErrors.isEmpty)
            let exchange = try #require(server.observer.exchanges.first { $0.request?.path == "/a" })
            #expect(!exchange.isComplete)
        }
    }

    @Test("is told as incomplete when its connection is gone", arguments: WireProtocol.allCases)
    func gone(_ wire: WireProtocol) async throws {
        try await serve { server, responder in
            let connection = try await Self.ask(server, responder, over: wire)
            try await connection.reset()
            await server.observer.awaitEvent(.closed)
            responder.deliver("/a")
            await server.observer.awaitExchanges(1)
            #expect(server.observer.exchanges.map(\.isComplete) == [false])
        }
    }

    @Test("is told when its connection is gone, and so is its port", arguments: [WireProtocol.http1, .h2c])
    func goneWithPort(_ wire: WireProtocol) async throws {
        let (responder, observer) = (PromisingResponder(), LiveServer.Recorder())
        let server = try await HTTPServer.bind(
            Endpoint(host: "127.0.0.1", port: 0),
            responder: { responder },
            observer: { observer },
            // However busy the machine is, nobody is cut but by the test.
            limits: .timeless,
            drainTimeout: .seconds(30),
            now: { LiveServer.now }
        )
        let connection = try await RawConnection.open(port: server.port, over: wire)
        try await connection.request("/a", over: wire)
        await responder.awaitRequest(for: "/a")
        try await connection.reset()
        await observer.awaitEvent(.closed)
        await server.listenerPort.drain()
        responder.deliver("/a")
        await observer.awaitExchanges(1)
        #expect(observer.exchanges.map(\.isComplete) == [false])
    }

    @Test("is not the client's debt, however long it takes", arguments: WireProtocol.allCases)
    func deadlines(_ wire: WireProtocol) async throws {
        let clock = TestClock()
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        try await serve(limits: limits) { server, responder in
            _ = try await Self.ask(server, responder, over: wire)
            // One that owes a request is cut for that, which takes longer than any other deadline but that of old age.
            _ = try await Self.idle(server, over: .http1)
            let observer = server.observer
            clock.run { !observer.events.contains(.closedByServer(.idleTimeout)) }
            await observer.awaitEvent(.closedByServer(.idleTimeout))
            responder.deliver("/a")
            await observer.awaitExchanges(2)
            #expect(observer.exchanges.last?.isComplete == true)
            #expect(observer.events.count { if case .closedByServer = $0 { true } else { false } } == 1)
        }
    }

    @Test("counts as under way, even on a stream that was reset", arguments: WireProtocol.ofHTTP2)
    func limit(_ wire: WireProtocol) async throws {
        var limits = Limits.timeless
        limits.http2.answers = 2
        limits.http2.answersPerEventLoop = 0
        try await serve(limits: limits) { server, responder in
            let connection = try await server.connect(over: wire)
            let cancel = HTTP2Frames.frame(0x3, stream: 3, payload: [0, 0, 0, 8])
            let requests = HTTP2Frames.get("/a") + HTTP2Frames.get("/b", stream: 3) + cancel
            try await connection.send(HTTP2Frames.opening + requests + HTTP2Frames.get("/now", stream: 5))
            await server.observer.awaitEvent(.streamRefused)
            responder.deliver("/b")
            await server.observer.awaitExchanges(1)
            try await connection.send(HTTP2Frames.get("/now", stream: 7) + HTTP2Frames.goAway)
            await server.observer.awaitExchanges(2)
            responder.deliver("/a")
            let frames = HTTP2Frames(try await connection.everything())
            // REFUSED_STREAM (RFC 9113 §7).
            #expect(frames.resets == [5: 7])
            #expect(frames.answeredStreams == [1, 7])
        }
    }
}

extension RawConnection {
    /// Asks for a path, as the first on this connection.
    fileprivate func request(_ path: String, over wire: WireProtocol) async throws {
        if wire.isHTTP2 {
            try await send(HTTP2Frames.opening + HTTP2Frames.get(path))
        } else {
            try await send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
    }
}
