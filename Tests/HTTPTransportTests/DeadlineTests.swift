// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import NIOCore
import TestSupport
import Testing

@testable import HTTPTransport

/// What PatienceTests show of the arithmetic, on real connections, with shorter times.
@Suite("A client that keeps the server waiting")
struct DeadlineTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    /// HEADERS on stream 1 of a GET of /health, complete (RFC 7541 Appendix A: 2 is GET, 6 http, 4 :path, 1 :authority).
    private static let request: [UInt8] =
        [0, 0, 14, 1, 5, 0, 0, 0, 1] + [0x82, 0x86, 0x04, 7] + Array("/health".utf8) + [0x41, 1, UInt8(ascii: "a")]

    private static var short: Limits {
        var limits = Limits()
        limits.deadlines.head = .milliseconds(400)
        limits.deadlines.idle = .milliseconds(400)
        limits.deadlines.stall = .seconds(1)
        limits.deadlines.interval = .milliseconds(50)
        return limits
    }

    /// What a server with short deadlines says to a client that sends this and then nothing.
    private func reply(to bytes: [UInt8]) async throws -> (reply: [UInt8], events: [ConnectionEvent]) {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: Self.short) { server in
            let connection = try await RawConnection.open(port: server.port)
            if !bytes.isEmpty { try await connection.send(bytes) }
            return (try await connection.everything(), server.observer.events)
        }
    }

    @Test("is closed if it says nothing at all, or not all of a preface", arguments: ["", "PRI * HT"])
    func silence(_ text: String) async throws {
        let (reply, events) = try await reply(to: Array(text.utf8))
        #expect(reply.isEmpty)
        #expect(events.contains(.cut(.headTimeout)))
    }

    @Test("is told with 408 that its head came too late")
    func head() async throws {
        let (reply, events) = try await reply(to: Array("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n".utf8))
        #expect(String(decoding: reply, as: UTF8.self).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(events.contains(.cut(.headTimeout)))
    }

    @Test("is closed when it asks for nothing more over HTTP/1.1")
    func idleHTTP1() async throws {
        let (reply, events) = try await reply(to: Array("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(String(decoding: reply, as: UTF8.self).ranges(of: "HTTP/1.1 ").count == 1)
        #expect(events.contains(.cut(.idleTimeout)))
    }

    @Test("is told with GOAWAY if it asks for nothing over HTTP/2")
    func silenceHTTP2() async throws {
        let (reply, events) = try await reply(to: Self.preface)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [0])
        #expect(events.contains(.cut(.headTimeout)))
    }

    @Test(
        "is told with GOAWAY if a header block does not end over HTTP/2",
        arguments: [
            // HEADERS that announces ten bytes and has one; HEADERS without END_HEADERS (RFC 9113 §6.2).
            [0, 0, 10, 1, 5, 0, 0, 0, 1, 0x82], [0, 0, 1, 1, 1, 0, 0, 0, 1, 0x82],
        ] as [[UInt8]]
    )
    func headerBlock(_ frame: [UInt8]) async throws {
        let (reply, events) = try await reply(to: Self.preface + frame)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [0])
        #expect(events.contains(.cut(.headTimeout)))
    }

    @Test("is led out with two GOAWAYs when it asks for nothing more over HTTP/2")
    func idleHTTP2() async throws {
        let (reply, events) = try await reply(to: Self.preface + Self.request)
        #expect(HTTP2Frames(reply).goAwayLastStreams == [0x7fff_ffff, 1])
        #expect(events.contains(.cut(.idleTimeout)))
    }

    @Test("is cut when it stops taking what it has asked for", arguments: WireProtocol.allCases)
    func stalledReader(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(24 << 20)
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: Self.short) { server in
            let download = try await SlowDownload.begin("/plugin.wasm", port: server.port, over: wire)
            await server.observer.awaitEvent(.cut(.stalledReader))
            await #expect(throws: (any Error).self) { try await download.finish() }
        }
    }

    @Test("is asked to connect anew when its connection is old", arguments: WireProtocol.allCases)
    func age(_ wire: WireProtocol) async throws {
        var limits = Limits()
        limits.deadlines.age = .milliseconds(200)
        limits.deadlines.interval = .milliseconds(50)
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: limits) { server in
            let connection = try await RawConnection.open(port: server.port)
            switch wire {
            case .http1:
                try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = String(decoding: try await connection.everything(), as: UTF8.self)
                #expect(reply.hasPrefix("HTTP/1.1 200 OK"))
            case .h2c:
                try await connection.send(Self.preface + Self.request)
                let reply = HTTP2Frames(try await connection.everything())
                #expect(reply.goAwayLastStreams == [0x7fff_ffff, 1])
            }
            #expect(server.observer.events.allSatisfy { $0 == .opened || $0 == .closed })
        }
    }
}
