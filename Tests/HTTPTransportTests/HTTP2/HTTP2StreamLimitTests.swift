// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPTransport

/// A gateway with two hundred filters asks for two hundred modules in one flight, before it has seen any SETTINGS.
@Suite("Many requests at once on an HTTP/2 connection", .timeLimit(.minutes(5)))
struct HTTP2StreamLimitTests {
    /// RFC 9113 §6.5.2, SETTINGS_MAX_CONCURRENT_STREAMS.
    private static let maximumStreams = 3
    /// RFC 9113 §7.
    private static let refusedStream = 7
    private static let enhanceYourCalm = 11

    private static let module = WasmModule.ofSize(1000)

    private static func streams(_ count: Int) -> [Int] { (0..<count).map { 1 + 2 * $0 } }

    private static func requests(_ streams: [Int]) -> [UInt8] {
        Array(streams.map { HTTP2Frames.get("/plugin.wasm", stream: $0) }.joined())
    }

    @Test(
        "are all answered when they come in one flight with the preface",
        arguments: WireProtocol.ofHTTP2,
        [100, 101, 104, 200, 1000]
    )
    func flight(_ wire: WireProtocol, _ count: Int) async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send(HTTP2Frames.opening + Self.requests(Self.streams(count)) + HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            let whole = Self.streams(count).filter { frames.content(ofStream: $0) == Self.module }
            #expect(whole.count == count)
            #expect(frames.resets.isEmpty && frames.goAwayErrors.isEmpty)
            #expect(frames.settings[Self.maximumStreams] == 100)
            #expect(frames.acknowledgements == 1)
        }
    }

    @Test("are all answered however the bytes are cut", arguments: [1, 2, 7, 9, 10, 33])
    func cut(_ size: Int) async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: .h2c)
            let opening = HTTP2Frames.opening + Self.requests([1]) + HTTP2Frames.settingsAcknowledgement
            let bytes = opening + Self.requests([3, 5]) + HTTP2Frames.goAway
            for start in stride(from: 0, to: bytes.count, by: size) {
                try await connection.send(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            let frames = HTTP2Frames(try await connection.everything())
            for stream in [1, 3, 5] {
                let isWhole = frames.content(ofStream: stream) == Self.module
                #expect(isWhole)
            }
            #expect(frames.goAwayErrors.isEmpty)
        }
    }

    @Test("are refused stream by stream beyond what is let pass before SETTINGS are acknowledged")
    func beyond() async throws {
        var limits = Limits.timeless
        limits.http2.streamsBeforeAcknowledgement = 150
        try await expectAnswers(to: 150, of: 160, limits, opening: HTTP2Frames.openingWithoutWindow)
    }

    @Test("are refused stream by stream beyond the limit that the client has acknowledged")
    func acknowledged() async throws {
        let opening = HTTP2Frames.openingWithoutWindow + HTTP2Frames.settingsAcknowledgement
        try await expectAnswers(to: 100, of: 130, .timeless, opening: opening)
    }

    @Test("end a connection that goes on beyond the limit that it knows")
    func violations() async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: .h2c)
            let opening = HTTP2Frames.openingWithoutWindow + HTTP2Frames.settingsAcknowledgement
            try? await connection.send(opening + Self.requests(Self.streams(400)))
            await server.observer.awaitEvent(.closedByServer(.flood))
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.answeredStreams.count == 100)
            #expect(frames.resets.count == 201)
            #expect(frames.goAwayErrors == [Self.enhanceYourCalm])
        }
    }

    @Test("are answered whatever flags the acknowledgement has that nobody defined (RFC 9113 §4.1)")
    func undefinedFlags() async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: .h2c)
            let acknowledgement = HTTP2Frames.frame(0x4, flags: 0xff, payload: [])
            try await connection.send(HTTP2Frames.opening + acknowledgement + Self.requests([1]) + HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.answeredStreams == [1])
            #expect(frames.goAwayErrors.isEmpty)
        }
    }

    @Test("are answered again when earlier ones have ended")
    func again() async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: .h2c)
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.settingsAcknowledgement)
            let streams = Self.streams(450)
            for start in stride(from: 0, to: streams.count, by: 90) {
                try await connection.send(Self.requests(Array(streams[start..<start + 90])))
                await server.observer.awaitExchanges(start + 90)
            }
            try await connection.send(HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.answeredStreams.count == 450)
            #expect(frames.resets.isEmpty && frames.goAwayErrors.isEmpty)
        }
    }

    /// Expects of streams that nothing can be sent on that the first ones are answered, the others refused, and the connection
    /// goes on.
    private func expectAnswers(to answered: Int, of all: Int, _ limits: Limits, opening: [UInt8]) async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module]), limits: limits) { server in
            let connection = try await server.connect(over: .h2c)
            let streams = Self.streams(all)
            try await connection.send(opening + Self.requests(streams))
            await server.observer.awaitEvent(.streamRefused, count: all - answered)
            // The rest is sent to whoever makes room for it (RFC 9113 §6.5.2, SETTINGS_INITIAL_WINDOW_SIZE).
            try await connection.send(HTTP2Frames.frame(0x4, payload: [0x00, 0x04, 0x00, 0x01, 0x00, 0x00]))
            try await connection.send(HTTP2Frames.frame(0x8, payload: [0x7f, 0xff, 0x00, 0x00]) + HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            let whole = streams.filter { frames.content(ofStream: $0) == Self.module }
            #expect(whole == Array(streams.prefix(answered)))
            #expect(
                frames.resets
                    == Dictionary(uniqueKeysWithValues: streams.dropFirst(answered).map { ($0, Self.refusedStream) })
            )
            #expect(frames.goAwayErrors.isEmpty)
        }
    }
}

@Suite("GOAWAY", .timeLimit(.minutes(5)))
struct HTTP2GoAwayTests {
    @Test(
        "names the last stream that was answered, whatever the client has done wrong",
        arguments: [
            // A frame that is larger than SETTINGS_MAX_FRAME_SIZE (RFC 9113 §4.2).
            [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 5],
            // DATA on stream 0 (§6.1), PING of a wrong size (§6.7), a header block that HPACK cannot have (§4.3).
            HTTP2Frames.frame(0x0, payload: [1]), HTTP2Frames.frame(0x6, payload: [1, 2, 3]),
            HTTP2Frames.frame(0x1, flags: 0x5, stream: 5, payload: [0xff, 0xff, 0xff, 0xff, 0xff]),
            // A stream of the server's (§5.1.1), WINDOW_UPDATE beyond the largest window (§6.9.1).
            HTTP2Frames.frame(0x1, flags: 0x5, stream: 4, payload: [0x82, 0x86, 0x84]),
            HTTP2Frames.frame(0x8, payload: [0x7f, 0xff, 0xff, 0xff]),
        ]
    )
    func lastStream(_ offence: [UInt8]) async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.ofSize(1000)])) { server in
            let connection = try await server.connect(over: .h2c)
            let requests = HTTP2Frames.get("/plugin.wasm") + HTTP2Frames.get("/plugin.wasm", stream: 3)
            try await connection.send(HTTP2Frames.opening + requests + offence)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.goAwayErrors.count == 1)
            #expect(frames.goAwayLastStreams == [3])
        }
    }
}
