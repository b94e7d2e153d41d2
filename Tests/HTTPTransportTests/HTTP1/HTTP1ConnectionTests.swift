// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// What only bytes on a connection show.
@Suite("An HTTP/1.1 connection")
struct HTTP1ConnectionTests {
    private static let module = WasmModule.ofSize(200_000)
    private static let digestLine = "\(Digest(of: module))\n"

    @Test("answers requests that are sent at once, in their order, to the last", arguments: WireProtocol.ofHTTP1)
    func pipelining(_ wire: WireProtocol) async throws {
        let one = "GET /plugin.wasm.sha256 HTTP/1.1\r\nHost: a\r\n\r\n"
        let head = "HEAD /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n"
        let module = "GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n"
        let last = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let reply = try await exchange(one + head + module + one + last, over: wire)
        #expect(reply.ranges(of: "HTTP/1.1 200 OK\r\n").count == 5)
        #expect(reply.ranges(of: String(decoding: Self.module, as: UTF8.self)).count == 1)
        #expect(reply.ranges(of: Self.digestLine).count == 2)
        #expect(reply.hasSuffix(#"{"status":"Healthy"}"#))
        #expect(reply.ranges(of: "connection: close\r\n").count == 1)
    }

    @Test("answers a client that has closed its side", arguments: WireProtocol.ofHTTP1)
    func halfClosed(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.closeOutput()
            let reply = try await connection.everything()
            #expect(Array(reply.suffix(Self.module.count)) == Self.module)
        }
    }

    @Test(
        "answers all that a client asked for before it closed its side, to the last byte",
        arguments: WireProtocol.ofHTTP1
    )
    func halfClosedPipeline(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: wire)
            let small = String(repeating: "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", count: 3000)
            let module = String(repeating: "GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n", count: 2)
            async let sent: Void = connection.send(small + module)
            try await sent
            try await connection.closeOutput()
            let reply = try await connection.everything()
            #expect(Array(reply.suffix(Self.module.count)) == Self.module)
            let text = String(decoding: reply, as: UTF8.self)
            #expect(text.ranges(of: "HTTP/1.1 200 OK\r\n").count == 3002)
        }
    }

    @Test(
        "lets the client read the whole answer even if it has sent more than was asked for",
        arguments: WireProtocol.ofHTTP1
    )
    func unreadInput(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(8 << 20)
        try await LiveServer.with(try .of(["plugin.wasm": module])) { server in
            let connection = try await server.connect(over: wire, stalling: true)
            try await connection.send("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await connection.awaitFirstBytes()
            try await connection.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.resume()
            let reply = try await connection.everything()
            #expect(Array(reply.suffix(module.count)) == module)
        }
    }

    @Test("speaks HTTP/1.0 with those who do", arguments: WireProtocol.ofHTTP1, [false, true])
    func http10(_ wire: WireProtocol, _ keepsAlive: Bool) async throws {
        let first = "GET /plugin.wasm.sha256 HTTP/1.0\r\nConnection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
        let reply = try await exchange(first + "GET /health HTTP/1.0\r\n\r\n", over: wire)
        #expect(reply.contains("connection: keep-alive\r\n") == keepsAlive)
        #expect(reply.ranges(of: "HTTP/1.1 200 OK").count == (keepsAlive ? 2 : 1))
    }

    /// Row 1 of the threats: whatever is smuggled behind a request gets no answer of its own.
    @Test(
        "gives no second answer to what hides in a request's content",
        arguments: WireProtocol.ofHTTP1,
        [
            "GET /plugin.wasm.sha256 HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n",
            "GET /plugin.wasm.sha256 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        ]
    )
    func smuggling(_ wire: WireProtocol, _ first: String) async throws {
        let reply = try await exchange(first + "GET /health HTTP/1.1\r\nHost: smuggled\r\n\r\n", over: wire)
        #expect(reply.ranges(of: "HTTP/1.1 ").count == 1)
        #expect(reply.contains("connection: close\r\n"))
        #expect(!reply.contains("Healthy"))
    }

    @Test("tells a TLS client in HTTP that this port is plain, and lets it read that")
    func tlsClientHello() async throws {
        // A record of type handshake with 512 bytes of ClientHello (RFC 8446 §5.1, §4.1.2).
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc] + [UInt8](repeating: 0, count: 508)
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            let connection = try await RawConnection.open(port: server.port)
            try await connection.send(hello)
            let reply = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(reply.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(reply.contains("TLS"))
        }
    }

    @Test("refuses with a problem document, and closes", arguments: WireProtocol.ofHTTP1)
    func refusal(_ wire: WireProtocol) async throws {
        let reply = try await exchange("NONSENSE\r\n\r\n", over: wire)
        #expect(reply.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(reply.contains("content-type: application/problem+json\r\n"))
        #expect(reply.contains(#""status":400"#))
    }

    @Test("takes an absolute target (RFC 9112 §3.2.2)")
    func absoluteForm() async throws {
        let reply = try await exchange(
            "GET http://any.example/plugin.wasm.sha256 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        #expect(reply.hasSuffix(Self.digestLine))
    }

    private func exchange(_ text: String, over wire: WireProtocol = .http1) async throws -> String {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module])) { server in
            try await RawConnection.exchange(text, port: server.port(for: wire), over: wire)
        }
    }
}
