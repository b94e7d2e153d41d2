// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import NIOCore
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("A server that shuts down")
struct DrainTests {
    /// More than the sockets of both sides hold, so that a reader which waits keeps it under way.
    private static let module = WasmModule.ofSize(24 << 20)

    @Test("lets a download under way finish", arguments: WireProtocol.allCases)
    func download(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let download = try await server.beginDownload("/plugin.wasm", over: wire)
            await server.beginShutdown()
            #expect(try await download.finish() == Self.module)
        }
    }

    @Test("closes an idle connection over HTTP/1.1", arguments: WireProtocol.ofHTTP1)
    func idleHTTP1(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.awaitFirstBytes()
            await server.beginShutdown()
            let reply = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(reply.ranges(of: "HTTP/1.1 200 OK").count == 1)
        }
    }

    @Test("says GOAWAY on an idle connection over HTTP/2, and closes it", arguments: WireProtocol.ofHTTP2)
    func idleHTTP2(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            // The preface, and an empty SETTINGS frame (RFC 9113 §3.4, §6.5).
            try await connection.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
            try await connection.awaitFirstBytes()
            await server.beginShutdown()
            let frames = HTTP2Frames(try await connection.everything())
            // RFC 9113 §6.8: first a GOAWAY with the largest stream identifier, then one with the last stream: none.
            #expect(frames.goAwayLastStreams == [0x7fff_ffff, 0])
        }
    }

    @Test("does not wait for the rest of a request, nor of a preface", arguments: ["GET /plugin.wasm HT", "PRI * HT"])
    func unfinished(_ bytes: String) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send(bytes)
            // Accepted it is once another connection, which came later, was answered.
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: .http1).status == 200)
            // Both wait in vain for 30 seconds unless the server gives up after one.
            await server.beginShutdown()
            #expect(try await connection.everything().isEmpty)
        }
    }

    @Test("answers the first request of a connection that it had accepted, and closes it")
    func firstRequest() async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin]), limits: .patient(for: .seconds(5))) {
            server in
            let connection = try await RawConnection.open(port: server.port)
            // Accepted it is once another connection, which came later, was answered.
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: .http1).status == 200)
            await server.beginShutdown()
            try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(reply.contains("Healthy"))
        }
    }

    @Test("lets in those who wait because there is no room, as others end", arguments: WireProtocol.ofHTTP1)
    func waiting(_ wire: WireProtocol) async throws {
        var limits = Limits.patient(for: .seconds(2))
        limits.connections.count = 1
        // However long the others wait, none is reset to make room.
        limits.connections.newcomerGrace = .seconds(3600)
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let holder = try await server.connect(over: wire)
            try await holder.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            try await holder.awaitFirstBytes()
            await server.observer.awaitEvent(.acceptingPaused(.connectionLimit))
            var waiting: [RawConnection] = []
            for _ in 0..<3 {
                // They have no handshake before they are let in, so all speak in the clear.
                let connection = try await RawConnection.open(port: server.port(for: wire))
                try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                waiting.append(connection)
            }
            await server.beginShutdown()
            for connection in waiting {
                let reply = String(decoding: try await connection.everything(), as: UTF8.self)
                #expect(reply.contains(wire.isEncrypted ? "This port speaks TLS" : "Healthy"))
            }
            _ = try await holder.everything()
        }
    }

    @Test("lets in none of those who wait if there is no time left", arguments: WireProtocol.ofHTTP1)
    func noTime(_ wire: WireProtocol) async throws {
        var limits = Limits.timeless
        limits.connections.count = 1
        // Otherwise who is there makes room meanwhile.
        limits.deadlines.interval = .seconds(3600)
        let observer = LiveServer.Recorder()
        let server = try await HTTPServer.bind(
            Endpoint(host: "127.0.0.1", port: 0),
            responder: { PromisingResponder() },
            observer: { observer },
            security: wire.isEncrypted ? .lettingAnyoneIn : nil,
            limits: limits,
            drainTimeout: .zero,
            now: { LiveServer.now }
        )
        let holder = try await RawConnection.open(port: server.port)
        await observer.awaitEvent(.acceptingPaused(.connectionLimit))
        let waiting = try await RawConnection.open(port: server.port)
        try await waiting.send("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        // The time may be up before anything else was done.
        await server.listenerPort.closeAll()
        await server.listenerPort.drain()
        for connection in [holder, waiting] { #expect((try? await connection.everything()) ?? [] == []) }
        #expect(observer.exchanges.isEmpty)
    }

    @Test("still answers a request that was on its way on a connection that has been used")
    func requestOnItsWay() async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin]), limits: .patient(for: .seconds(5))) {
            server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.awaitFirstBytes()
            await server.beginShutdown()
            try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(reply.ranges(of: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test(
        "still answers requests over HTTP/2 that cross its announcement (RFC 9113 §6.8), and names the last of them",
        arguments: WireProtocol.ofHTTP2
    )
    func requestsOnTheirWay(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(1000)
        try await LiveServer.with(try .of(["plugin.wasm": module]), limits: .patient(for: .seconds(60))) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get("/plugin.wasm"))
            try await connection.awaitReceived { HTTP2Frames($0).content(ofStream: 1) == module }
            await server.beginShutdown()
            try await connection.awaitReceived { HTTP2Frames($0).goAwayLastStreams == [0x7fff_ffff] }
            let requests = [3, 5].map { HTTP2Frames.get("/plugin.wasm", stream: $0) }.joined()
            try await connection.send(requests + HTTP2Frames.frame(0x6, flags: 1, payload: Array("wasmdrai".utf8)))
            let frames = HTTP2Frames(try await connection.everything())
            for stream in [1, 3, 5] {
                let isWhole = frames.content(ofStream: stream) == module
                #expect(isWhole)
            }
            #expect(frames.goAwayLastStreams == [0x7fff_ffff, 5])
            #expect(frames.resets.isEmpty)
        }
    }

    @Test("answers the first request over HTTP/2 of a connection that it had accepted", arguments: WireProtocol.ofHTTP2)
    func firstRequestOverHTTP2(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin]), limits: .patient(for: .seconds(5))) {
            server in
            let connection = try await server.connect(over: wire)
            // Accepted it is once another connection, which came later, was answered.
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: wire).status == 200)
            await server.beginShutdown()
            let acknowledgement = HTTP2Frames.frame(0x6, flags: 1, payload: Array("wasmdrai".utf8))
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get("/health") + acknowledgement)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(String(decoding: frames.content(ofStream: 1), as: UTF8.self).contains("Healthy"))
            #expect(frames.goAwayLastStreams == [0x7fff_ffff, 1])
        }
    }
}

extension Limits {
    /// Limits that leave more time for what is on its way, as the machine may be busy.
    fileprivate static func patient(for time: Duration) -> Limits {
        var limits = Limits.timeless
        limits.deadlines.roundTrip = time
        return limits
    }
}
