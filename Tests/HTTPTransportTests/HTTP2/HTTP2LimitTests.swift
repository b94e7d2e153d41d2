// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("What an HTTP/2 client may not do", .timeLimit(.minutes(5)))
struct HTTP2LimitTests {
    /// RFC 9113 §7.
    private static let refusedStream = 7
    private static let enhanceYourCalm = 11

    @Test("is to have more answers wait for it than its share, when there are many: others are refused, unread")
    func stalledAnswers() async throws {
        var limits = Limits.timeless
        limits.http2.answers = 2
        limits.http2.answersPerEventLoop = 0
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.ofSize(200_000)]), limits: limits) { server in
            let connection = try await RawConnection.open(port: server.port)
            let requests = [1, 3, 5, 7].map { HTTP2Frames.get("/plugin.wasm", stream: $0) }.joined()
            try await connection.send(HTTP2Frames.openingWithoutWindow + requests)
            await server.observer.awaitEvent(.streamRefused)
            // Two answers are waiting, the others were refused. A window for the first lets it go on, then all ends.
            try await connection.closeOutput()
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.answeredStreams == [1, 3])
            #expect(frames.resets == [5: Self.refusedStream, 7: Self.refusedStream])
        }
    }

    @Test("is to have more of its requests held than is logged while their answers wait")
    func heads() async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.ofSize(200_000)])) { server in
            let connection = try await RawConnection.open(port: server.port)
            // A literal with incremental indexing of `user-agent`, index 58 (RFC 7541 §6.2.1, Appendix A), then that entry again.
            let value = [UInt8](repeating: UInt8(ascii: "u"), count: 3000)
            let field = [0x40 | 58, 0x7f] + [UInt8((3000 - 127) & 0x7f | 0x80), UInt8((3000 - 127) >> 7)] + value
            let head = HTTP2Frames.get("/plugin.wasm").dropFirst(9) + field + [UInt8](repeating: 0x80 | 62, count: 7)
            let request = HTTP2Frames.frame(0x1, flags: 0x5, stream: 1, payload: Array(head))
            try await connection.send(HTTP2Frames.openingWithoutWindow + request)
            try await connection.closeOutput()
            _ = try await connection.everything()
            await server.observer.awaitExchanges(1)
            #expect(server.observer.exchanges.first?.request?.userAgent?.utf8.count == 256)
        }
    }

    @Test(
        "is to flood the server with frames that ask for nothing: it is told to calm down, and cut",
        arguments: [
            // WINDOW_UPDATE by 1, PING, SETTINGS, PRIORITY, an unknown type (RFC 9113 §6, §5.5).
            HTTP2Frames.frame(0x8, payload: [0, 0, 0, 1]),
            HTTP2Frames.frame(0x6, payload: [UInt8](repeating: 0, count: 8)),
            HTTP2Frames.frame(0x4, payload: []), HTTP2Frames.frame(0x2, stream: 3, payload: [0, 0, 0, 0, 0]),
            HTTP2Frames.frame(0xfa, payload: []),
        ]
    )
    func floods(_ frame: [UInt8]) async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send(HTTP2Frames.openingWithoutWindow)
            // It may be cut before all of this is sent.
            try? await connection.send(Array(repeatElement(frame, count: 20_000).joined()))
            await server.observer.awaitEvent(.closedByServer(.flood))
            if let received = try? await connection.everything() {
                #expect(HTTP2Frames(received).goAwayErrors == [Self.enhanceYourCalm])
            }
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: .h2c).status == 200)
        }
    }
}
