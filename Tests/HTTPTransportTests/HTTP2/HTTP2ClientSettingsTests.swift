// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import HTTPTransport

/// Settings are made by hand after RFC 9113 §6.5.1: an identifier of 16 bits, a value of 32.
@Suite("What an HTTP/2 client sets", .timeLimit(.minutes(5)))
struct HTTP2ClientSettingsTests {
    typealias Setting = (identifier: UInt16, value: UInt32)

    /// RFC 9113 §7.
    private static let enhanceYourCalm = 11
    /// RFC 9113 §6.5.2.
    private static let headerTableSize: UInt16 = 1
    private static let initialWindowSize: UInt16 = 4
    private static let maximumFrameSize: UInt16 = 5

    private static func frame(_ settings: [Setting], flags: UInt8 = 0) -> [UInt8] {
        var payload = ByteBuffer()
        for setting in settings { payload.writeMultipleIntegers(setting.identifier, setting.value) }
        return HTTP2Frames.frame(0x4, flags: flags, payload: Array(payload.readableBytesView))
    }

    /// What is passed on to swift-nio-http2 of a frame behind the preface, between two WINDOW_UPDATE frames.
    private static func passed(_ frame: [UInt8]) throws -> [UInt8] {
        let windowUpdate = HTTP2Frames.frame(0x8, payload: [0, 0, 0, 1])
        let channel = EmbeddedChannel()
        let meter = HTTP2FrameMeter(limits: HTTP2Limits(), mayPass: { true }, reportFlood: { Issue.record("a flood") })
        try channel.pipeline.syncOperations.addHandler(meter)
        try channel.writeInbound(ByteBuffer(bytes: HTTP2Frames.preface + windowUpdate + frame + windowUpdate))
        var passed: [UInt8] = []
        while let part = try channel.readInbound(as: ByteBuffer.self) { passed += part.readableBytesView }
        #expect(passed.starts(with: HTTP2Frames.preface + windowUpdate))
        #expect(passed.suffix(windowUpdate.count) == windowUpdate[...])
        return Array(passed.dropFirst(HTTP2Frames.preface.count + windowUpdate.count).dropLast(windowUpdate.count))
    }

    @Test("counts as far as the server need not keep more for it: HPACK's table and frames have sizes of its own")
    func sizes() throws {
        // RFC 7541 §4.2: an encoder may use less than the decoder lets it; the size at first is 4,096 (RFC 9113 §6.5.2).
        let table = [0xffff_ffff, 65_536, 4097, 4096, 100, 0].map { (Self.headerTableSize, UInt32($0)) }
        let smaller = [4096, 4096, 4096, 4096, 100, 0].map { (Self.headerTableSize, UInt32($0)) }
        #expect(try Self.passed(Self.frame(table)) == Self.frame(smaller))
        // RFC 9113 §4.2: no frame need be as large as it may be.
        let frames = [(Self.maximumFrameSize, UInt32(0xff_ffff)), (Self.maximumFrameSize, 16_384)]
        let smallerFrames = [(Self.maximumFrameSize, UInt32(131_072)), (Self.maximumFrameSize, 16_384)]
        #expect(try Self.passed(Self.frame(frames)) == Self.frame(smallerFrames))
    }

    @Test("is not remembered if nobody knows it (RFC 9113 §6.5.2)")
    func unknown() throws {
        let settings = [Setting(0x0a0a, 7), (Self.initialWindowSize, 9), (0xffff, 1), (0, 1), (7, 1)]
        #expect(try Self.passed(Self.frame(settings)) == Self.frame([(Self.initialWindowSize, 9)]))
        #expect(try Self.passed(Self.frame([(0x0a0a, 7)])) == Self.frame([]))
    }

    @Test("is passed on as it is where it asks for nothing more, and where it is an error")
    func unchanged() throws {
        let all: [Setting] = [(1, 0), (2, 0), (3, 0), (4, 0x7fff_ffff), (5, 65_536), (6, 1), (8, 1)]
        let errors = [
            // Values that are none (§6.5.2), an acknowledgement with settings, a length that is none (§6.5).
            Self.frame([(Self.maximumFrameSize, 1 << 24)]), Self.frame([(Self.initialWindowSize, 1 << 31)]),
            Self.frame([(0x0a0a, 7)], flags: 1), HTTP2Frames.frame(0x4, payload: [0x0a, 0x0a, 0, 0, 0]),
        ]
        for frame in [Self.frame(all), Self.frame([])] + errors { #expect(try Self.passed(frame) == frame) }
    }

    @Test("is no flood up to 32 at a time, and is one beyond that (RFC 9113 §10.5)", arguments: [32, 33])
    func many(_ count: Int) async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await RawConnection.open(port: server.port)
            let settings = (0..<count).map { Setting(Self.initialWindowSize, UInt32(65_535 - $0 % 2)) }
            let request = HTTP2Frames.get("/plugin.wasm") + HTTP2Frames.goAway
            try? await connection.send(HTTP2Frames.opening + Self.frame(settings) + request)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.goAwayErrors == (count > 32 ? [Self.enhanceYourCalm] : []))
            #expect(frames.content(ofStream: 1) == (count > 32 ? [] : WasmModule.plugin))
            if count > 32 { await server.observer.awaitEvent(.closedByServer(.flood)) }
        }
    }

    @Test("leaves nothing in HPACK's table that differs from one part of a module to the next")
    func parts() async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.ofSize(1000)])) { server in
            let connection = try await RawConnection.open(port: server.port)
            let parts = (0..<3).map { Self.part($0, stream: 1 + 2 * $0) }.joined()
            try await connection.send(HTTP2Frames.opening + parts + HTTP2Frames.goAway)
            let received = try await connection.everything()
            // RFC 7541 Appendix A: content-length is 28, content-range 30; §6.2.2: a literal without indexing is 0000 and the
            // index by 4 bits, so 0x0f and the rest.
            for field in [UInt8(28), 30] { #expect(received.split(separator: [0x0f, field - 15]).count == 4) }
        }
    }

    /// A GET with a range of one byte; 0x0f 0x23: `range`, index 50, a literal without indexing.
    private static func part(_ start: Int, stream: Int) -> [UInt8] {
        let value = Array("bytes=\(start)-\(start)".utf8)
        let frame = HTTP2Frames.get("/plugin.wasm", stream: stream)
        return HTTP2Frames.frame(
            0x1,
            flags: 0x5,
            stream: stream,
            payload: Array(frame.dropFirst(9)) + [0x0f, 50 - 15, UInt8(value.count)] + value
        )
    }
}
