// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

/// What only frames on a connection show.
@Suite("An HTTP/2 connection")
struct HTTP2ConnectionTests {
    /// More than the sockets hold, so that a download on stream 1 is under way while something else happens.
    private static let module = WasmModule.ofSize(8 << 20)

    /// Requests that are errors of their stream (RFC 9113 §8.1.1, §8.2, §5.4.2), as HPACK blocks or frames on stream 3.
    private static let malformed: [(String, [UInt8])] = [
        // `connection: close`, a name in uppercase, and an empty path, each behind `:method: GET` and `:scheme: http`.
        ("a connection field", headers([0x82, 0x86, 0x84] + literal("connection", "close"))),
        ("a name in uppercase", headers([0x82, 0x86, 0x84] + literal("ACCEPT", "x"))),
        ("no path", headers([0x82, 0x86])),
        ("a length without content", headers([0x82, 0x86, 0x84] + literal("content-length", "5"))),
    ]

    @Test("goes on when one of its streams is malformed", arguments: WireProtocol.ofHTTP2, malformed)
    func streamErrors(_ wire: WireProtocol, _ request: (name: String, frame: [UInt8])) async throws {
        try await download(over: wire) { connection in
            try await connection.send(request.frame)
        }
    }

    @Test(
        "tells of a request that is malformed, as there is no answer to it",
        arguments: WireProtocol.ofHTTP2,
        malformed
    )
    func toldMalformed(_ wire: WireProtocol, _ request: (name: String, frame: [UInt8])) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send(HTTP2Frames.opening + request.frame)
            await server.observer.awaitEvent(.streamRejected)
            try await connection.send(HTTP2Frames.goAway)
            _ = try await connection.everything()
        }
    }

    // RFC 9113 §8.3.1: `:authority` is an authority of RFC 3986 §3.2.
    @Test(
        "answers 400 to an authority that is none",
        arguments: WireProtocol.ofHTTP2,
        ["%zz", "[x]", "a:99999999", "u@a"]
    )
    func badAuthority(_ wire: WireProtocol, _ authority: String) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            let block: [UInt8] = [0x82, 0x86, 0x84] + Self.literal(":authority", authority)
            try await connection.send(HTTP2Frames.opening + Self.headers(block) + HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(String(decoding: frames.content(ofStream: 3), as: UTF8.self).contains(#""status":400"#))
        }
    }

    @Test("goes on when the client has closed its side, as far as the window reaches", arguments: WireProtocol.ofHTTP2)
    func halfClosed(_ wire: WireProtocol) async throws {
        try await download(over: wire) { connection in
            try await connection.closeOutput()
        }
    }

    @Test(
        "is open for content that nobody reads, however much of it comes on streams that are done",
        arguments: WireProtocol.ofHTTP2
    )
    func discardedContent(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send(HTTP2Frames.opening)
            // POST requests that do not end, each with 60,000 bytes: many times the connection's first window.
            for index in 0..<20 {
                let stream = index * 2 + 1
                try await connection.send(
                    HTTP2Frames.frame(0x1, flags: 0x4, stream: stream, payload: [0x83, 0x86, 0x84])
                )
                for _ in 0..<4 {
                    let content = [UInt8](repeating: 0, count: 15_000)
                    try await connection.send(HTTP2Frames.frame(0x0, stream: stream, payload: content))
                }
            }
            try await connection.send(HTTP2Frames.goAway)
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.goAwayErrors.isEmpty)
            #expect(frames.answeredStreams.count == 20)
        }
    }

    @Test("ends when its client has closed its side and left no window for the rest", arguments: WireProtocol.ofHTTP2)
    func closedWhileBlocked(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: wire)
            // Without SETTINGS of its own a client has windows of 65,535 bytes (RFC 9113 §6.9.2).
            let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + HTTP2Frames.frame(0x4, payload: [])
            try await connection.send(preface + HTTP2Frames.get("/plugin.wasm"))
            try await connection.awaitFirstBytes()
            try await connection.closeOutput()
            let frames = HTTP2Frames(try await connection.everything())
            #expect(frames.content(ofStream: 1) == Array(Self.module.prefix(65_535)))
        }
    }

    @Test("tells its client by GOAWAY why it ends", arguments: WireProtocol.ofHTTP2)
    func connectionError(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            // DATA on stream 0 is an error of the connection (RFC 9113 §6.1): PROTOCOL_ERROR, 0x1.
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.frame(0x0, payload: [1]))
            #expect(HTTP2Frames(try await connection.everything()).goAwayErrors == [1])
        }
    }

    /// Downloads the module on stream 1, does something on the way, and expects the download to be whole.
    private func download(over wire: WireProtocol, _ meanwhile: (RawConnection) async throws -> Void) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: wire, stalling: true)
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get("/plugin.wasm"))
            try await connection.awaitFirstBytes()
            try await meanwhile(connection)
            await server.beginShutdown()
            try await connection.resume()
            #expect(HTTP2Frames(try await connection.everything()).content(ofStream: 1) == Self.module)
        }
    }

    private static func headers(_ block: [UInt8]) -> [UInt8] {
        HTTP2Frames.frame(0x1, flags: 0x5, stream: 3, payload: block)
    }

    /// A literal field that is not indexed (RFC 7541 §6.2.2).
    private static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0x00, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }
}
