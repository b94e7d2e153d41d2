// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPProtocol
import HTTPTransport
import TestSupport
import Testing

/// What only an encrypted connection has.
@Suite("A TLS connection")
struct TLSConnectionTests {
    /// Many slices, and more than the sockets of both sides hold.
    private static let module = WasmModule.ofSize(24 << 20)

    @Test(
        "carries a large module whole, also while another client does not read on",
        arguments: [WireProtocol.http1OverTLS, .h2]
    )
    func largeModule(_ wire: WireProtocol) async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let stalled = try await server.beginDownload("/plugin.wasm", over: wire)
            let reply = try await server.fetch(TestRequest("GET", "/plugin.wasm"), over: wire)
            #expect(reply["content-length"] == "\(Self.module.count)")
            #expect(reply.content == Self.module)
            #expect(try await stalled.finish() == Self.module)
        }
    }

    @Test("carries a range of a large module", arguments: [WireProtocol.http1OverTLS, .h2])
    func range(_ wire: WireProtocol) async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            // From within one slice to within another.
            let range = [("range", "bytes=131071-393216")]
            let reply = try await server.fetch(TestRequest("GET", "/plugin.wasm", range), over: wire)
            #expect(reply.status == 206)
            #expect(reply.content == Array(Self.module[131_071...393_216]))
        }
    }

    @Test("ends with close_notify behind the last answer", arguments: ["-tls1_2", "-tls1_3"])
    func closeNotify(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let result = try await scene.connect([version])
            #expect(result.status == 0)
            #expect(result.output.contains(#"{"status":"Healthy"}"#))
            #expect(result.output.hasSuffix("closed\n"))
            #expect(!result.output.contains("unexpected eof"))
        }
    }

    /// Without ALPN (RFC 7301) nobody knows what such a client would have spoken.
    @Test("ends with close_notify if the client asked for nothing, too", arguments: ["-tls1_2", "-tls1_3"])
    func closeNotifyUnasked(_ version: String) async throws {
        var limits = Limits.timeless
        limits.deadlines.head = .milliseconds(1)
        try await TLSScene.with(demandingClients: false, limits: limits) { scene in
            let result = try await scene.connect([version], sending: "")
            #expect(result.status == 0)
            #expect(result.output.hasSuffix("closed\n"))
            #expect(!result.output.contains("unexpected eof"))
        }
    }

    @Test("answers a client that has closed its side without a close_notify")
    func closedUncleanly() async throws {
        try await LiveServer.with(.of(["plugin.wasm": Self.module])) { server in
            let connection = try await server.connect(over: .http1OverTLS, stalling: true)
            try await connection.send("GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n")
            try await connection.awaitFirstBytes()
            try await connection.closeOutputUncleanly()
            try await connection.resume()
            #expect(Array(try await connection.everything().suffix(Self.module.count)) == Self.module)
        }
    }
}
