// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// Against a collector that parses what it is sent by OpenTelemetry's own schema.
@Suite("A server with a collector", .serialized, .timeLimit(.minutes(5)))
struct TracingTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    /// What the server is told.
    private static func arguments(_ endpoint: String) -> [String] {
        ["--drain-delay", "0", "--otlp-endpoint", endpoint]
    }

    @Test("tells it of each fetch, as a part of its client's trace")
    func fetch() async throws {
        try await withCollector { collector in
            let sha256 = try await withWasmServer(with: Self.arguments(collector.endpoint)) { server in
                let trace = ["--header", "traceparent: 00-\(Self.trace)-\(Self.parent)-01"]
                _ = try await server.get("/plugin.wasm", with: trace + ["--user-agent", "a \"test\""])
                _ = try await server.get("/no.wasm")
                // Neither is told of: one is no fetch, and of the other its client does not want to be told.
                _ = try await server.get("/health", with: trace)
                _ = try await server.get(
                    "/plugin.wasm",
                    with: ["-H", "traceparent: 00-\(Self.trace)-\(Self.parent)-00"]
                )
                return try await server.announcedDigest()
            }
            // The server has ended, and has told of all by then.
            let spans = try collector.spans()
            #expect(spans.map(\.name) == ["GET /plugin.wasm", "GET /{module}.wasm", "GET /plugin.wasm.sha256"])
            for span in spans {
                #expect(span.service == "wasm-server" && span.kind == "SPAN_KIND_SERVER")
                #expect(span.status == "STATUS_CODE_UNSET" && span.encoding == "application/json")
            }
            let fetch = try #require(spans.first)
            #expect(fetch.trace == Self.trace && fetch.parent == Self.parent)
            #expect(fetch.attributes["http.route"] == .text("/plugin.wasm"))
            #expect(fetch.attributes["http.response.status_code"] == .number(200))
            #expect(fetch.attributes["user_agent.original"] == .text("a \"test\""))
            #expect(fetch.attributes["client.address"] == .text("127.0.0.1"))
            #expect(fetch.attributes["wasm_server.module.sha256"] == .text(sha256))
            #expect(spans[1].parent == nil && spans[1].trace != Self.trace)
        }
    }

    @Test("has its spans taken, whatever its clients send")
    func hostileClients() async throws {
        try await withCollector { collector in
            try await withWasmServer(with: Self.arguments(collector.endpoint)) { server in
                let texts: [[UInt8]] = [
                    Array("\"}],\"name\":\"x".utf8), Array("\\u0000\\".utf8), [0xff, 0xfe, 0xc0, 0x80], [0xc2, 0x85],
                    Array("\u{202e}\u{1f642}".utf8), Array(repeating: 0xe9, count: 3000),
                ]
                for text in texts {
                    let connection = try await RawConnection.open(port: server.port)
                    let fields = ["user-agent", "traceparent"].flatMap { Array("\r\n\($0): ".utf8) + text }
                    let head = Array("GET /plugin.wasm HTTP/1.1\r\nhost: a\r\nconnection: close".utf8)
                    try await connection.send(head + fields + Array("\r\n\r\n".utf8))
                    #expect(
                        String(decoding: try await connection.everything().prefix(12), as: UTF8.self) == "HTTP/1.1 200"
                    )
                }
            }
            let agents = try collector.spans().map { $0.attributes["user_agent.original"] }
            #expect(agents.count == 6)
            #expect(agents.first == .text("\"}],\"name\":\"x"))
            #expect(agents.contains(.text("\u{202e}\u{1f642}")))
        }
    }

    @Test("goes on the trace of a real gateway", arguments: EnvoyVersion.allCases)
    func gateway(_ version: EnvoyVersion) async throws {
        try await withCollector { collector in
            try await withWasmServer(with: Self.arguments(collector.endpoint)) { server in
                let bootstrap = EnvoyConfiguration.tracing(to: server.port, collector: collector.port)
                try await withEnvoy(version, bootstrap: bootstrap) { envoy in
                    #expect(try await envoy.firstReply(to: "/plugin.wasm").status == 200)
                    let gateway = try await collector.spans(of: "gateway", atLeast: 1)
                    let spans = try await collector.spans(of: "wasm-server", atLeast: 1)
                    let fetch = try #require(spans.first)
                    #expect(fetch.name == "GET /plugin.wasm")
                    #expect(gateway.contains { $0.trace == fetch.trace && $0.span == fetch.parent })
                }
            }
        }
    }

    @Test("counts what it has told of, in its metrics")
    func metrics() async throws {
        try await withCollector { collector in
            try await withWasmServer(with: Self.arguments(collector.endpoint)) { server in
                _ = try await server.get("/plugin.wasm")
                _ = try await collector.spans(of: "wasm-server", atLeast: 1)
                try await eventually("the span in the metrics") {
                    let lines = try await server.operations("/metrics").text.split(separator: "\n")
                    return lines.contains("wasm_server_spans_total{outcome=\"exported\"} 1") ? () : nil
                }
            }
        }
    }

    @Test("says why nobody is told, and ends as if there was nobody to tell")
    func nobody() async throws {
        try await withTemporaryFolder { folder in
            let server = try await WasmServer.start(
                ["--demo", "--port", "0"] + Self.arguments("http://127.0.0.1:1"),
                at: "127.0.0.1",
                in: folder
            )
            _ = try await server.get("/plugin.wasm")
            let line = try await server.logLine("spans are not taken")
            #expect(line.level == "warning")
            #expect(line.reason?.contains("connection refused; check that the collector runs") == true)
            #expect(await server.stop() == 0)
            try await server.logLine("spans are lost")
        }
    }

    @Test("finishes the downloads under way when it ends, though the collector never answers")
    func silentCollector() async throws {
        try await withTemporaryFolder { folder in
            let module = WasmModule.ofSize(24 << 20)
            let file = folder.appending(path: "plugin.wasm")
            try Data(module).write(to: file)
            try await withCollector { collector in
                // The system goes on to accept connections for it.
                collector.stall()
                defer { collector.goOn() }
                try await withWasmServer(serving: file.path, with: Self.arguments(collector.endpoint)) { server in
                    _ = try await server.get("/plugin.wasm.sha256")
                    let download = try await SlowDownload.begin("/plugin.wasm", port: server.port, over: .http1)
                    server.terminate()
                    try await server.logLine("draining")
                    #expect(try await download.finish() == module)
                    #expect(await server.exitCode() == 0)
                    try await server.logLine("spans are lost")
                }
            }
        }
    }

    @Test("sends nothing unless it is told to, whatever variables of OpenTelemetry say")
    func off() async throws {
        try await withCollector { collector in
            let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_EXPORTER": "otlp"]
            try await withWasmServer(environment: environment) { server in
                _ = try await server.get("/plugin.wasm")
                #expect(try await !server.operations("/metrics").text.contains("wasm_server_spans_total"))
            }
            #expect(try collector.spans().isEmpty)
        }
    }
}
