// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import Logging
import ModuleCatalog
import Operations
import TestSupport
import Testing

@Suite("The server's metrics")
struct ServerMetricsTests {
    private let first = WasmModule.ofSize(100, seed: 1)
    private let second = WasmModule.ofSize(100, seed: 2)

    @Test("have every series that is to be expected from the beginning")
    func beginning() throws {
        let server = try ServerUnderTest(serving: ["plugin.wasm": first])
        _ = server.metrics.observers(of: .data)
        let scrape = server.scrape
        for series in [
            #"wasm_server_requests_total{by="",listener="data",module="",protocol="1.1",status="200"}"#,
            #"wasm_server_requests_total{by="name",listener="data",module="/plugin.wasm",protocol="1.1",status="200"}"#,
            #"wasm_server_requests_total{by="digest",listener="data",module="/plugin.wasm",protocol="2",status="200"}"#,
            #"wasm_server_response_bytes_total{by="name",listener="data",module="/plugin.wasm",protocol="2"}"#,
            #"wasm_server_requests_total{by="",listener="data",module="",protocol="1.1",status="403"}"#,
            #"wasm_server_requests_total{by="name",listener="data",module="",protocol="1.1",status="404"}"#,
            #"wasm_server_requests_total{by="digest",listener="data",module="",protocol="2",status="503"}"#,
            "wasm_server_module_last_fetch_timestamp_seconds\(Self.labels(of: first))",
            #"wasm_server_responses_cut_total{listener="data",protocol="1.0"}"#,
            #"wasm_server_request_duration_seconds_count{listener="data"}"#,
            #"wasm_server_open_connections{listener="data"}"#,
            #"wasm_server_connections_total{listener="data"}"#,
            #"wasm_server_connections_cut_total{listener="data",reason="stalled_reader"}"#,
            #"wasm_server_connections_refused_total{listener="data",reason="address_limit"}"#,
            #"wasm_server_accepting_paused_total{listener="data",reason="system_limit"}"#,
            "wasm_server_log_lines_lost_total",
            "wasm_server_metric_series_dropped_total",
            "wasm_server_ready",
            #"wasm_server_modules{state="rejected"}"#,
        ] {
            #expect(scrape[series] == 0, "\(series)")
        }
        #expect(scrape[#"wasm_server_modules{state="current"}"#] == 1)
        #expect(scrape[#"wasm_server_build_info{revision="abc",version="1.2.3"}"#] == 1)
        #expect(!scrape.text.contains("_tls_"))
    }

    @Test("count answers by module, protocol and status, and the bytes of those that were sent whole")
    func exchanges() throws {
        let server = try ServerUnderTest(serving: ["a b/plugin.wasm": first])
        let observer = server.metrics.observers(of: .data)
        let asked = RequestedResource.named("/a%20b/plugin.wasm")
        observer.exchangeEnded(ServerUnderTest.exchange(module: asked, version: .http2))
        observer.exchangeEnded(ServerUnderTest.exchange(module: asked, version: .http2, status: .partialContent))
        observer.exchangeEnded(ServerUnderTest.exchange(.head, module: asked, version: .http2))
        observer.exchangeEnded(ServerUnderTest.exchange(module: asked, version: .http2, isComplete: false))
        let gone = RequestedResource.named("/gone.wasm")
        observer.exchangeEnded(ServerUnderTest.exchange(module: gone, version: .http10, status: .notFound))
        let scrape = server.scrape
        let module = #"by="name",listener="data",module="/a%20b/plugin.wasm",protocol="2""#
        #expect(scrape["wasm_server_requests_total{\(module),status=\"200\"}"] == 3)
        #expect(scrape["wasm_server_requests_total{\(module),status=\"206\"}"] == 1)
        #expect(scrape["wasm_server_response_bytes_total{\(module)}"] == 200)
        #expect(scrape[#"wasm_server_responses_cut_total{listener="data",protocol="2"}"#] == 1)
        // A module that is not served is none.
        let none = #"by="",listener="data",module="",protocol="1.0",status="404""#
        #expect(scrape["wasm_server_requests_total{\(none)}"] == 1)
        #expect(scrape[#"wasm_server_request_duration_seconds_count{listener="data"}"#] == 5)
        #expect(scrape[#"wasm_server_request_duration_seconds_bucket{listener="data",le="0.001"}"#] == 0)
        #expect(scrape[#"wasm_server_request_duration_seconds_sum{listener="data"}"#] == 0.01)
    }

    @Test("have no series of denials where no gateway asks")
    func operations() throws {
        let server = try ServerUnderTest()
        _ = server.metrics.observers(of: .operations)
        let statuses = server.scrape.samples(of: "wasm_server_requests_total").filter { !$0.contains(#"status="200""#) }
        #expect(statuses.isEmpty)
    }

    @Test("tell what peers ask for apart from what gateways do")
    func peers() throws {
        let server = try ServerUnderTest(serving: ["plugin.wasm": first])
        let observer = server.metrics.observers(of: .data)
        observer.exchangeEnded(ServerUnderTest.exchange(module: .named("/plugin.wasm"), peer: "a"))
        observer.exchangeEnded(ServerUnderTest.exchange(module: .named("/plugin.wasm")))
        observer.exchangeEnded(ServerUnderTest.exchange(status: .notFound, peer: "a"))
        // It outlasts a change of what is served.
        server.metrics.serve(try ServerUnderTest.snapshot(["plugin.wasm": second]))
        let scrape = server.scrape
        let module = #"by="name",listener="data",module="/plugin.wasm",protocol="1.1""#
        let peer = #"listener="data",module="peer",protocol="1.1""#
        #expect(scrape["wasm_server_requests_total{\(module),status=\"200\"}"] == 1)
        #expect(scrape["wasm_server_response_bytes_total{\(module)}"] == 100)
        #expect(scrape["wasm_server_requests_total{by=\"name\",\(peer),status=\"200\"}"] == 1)
        #expect(scrape["wasm_server_requests_total{by=\"\",\(peer),status=\"404\"}"] == 1)
        let none = #"by="",listener="data",module="",protocol="1.1",status="404""#
        #expect(scrape["wasm_server_requests_total{\(none)}"] == 0)
    }

    @Test("follow what is served: a path counts on with other bytes, and one that is gone is forgotten")
    func reload() throws {
        let server = try ServerUnderTest(serving: ["kept.wasm": first, "gone.wasm": second])
        let observer = server.metrics.observers(of: .data)
        observer.exchangeEnded(ServerUnderTest.exchange(module: .named("/kept.wasm", first)))
        server.metrics.serve(try ServerUnderTest.snapshot(["kept.wasm": second]))
        observer.exchangeEnded(ServerUnderTest.exchange(module: .named("/kept.wasm", second)))
        observer.exchangeEnded(ServerUnderTest.exchange(module: .named("/gone.wasm")))
        let scrape = server.scrape
        let kept = #"by="name",listener="data",module="/kept.wasm",protocol="1.1",status="200""#
        #expect(scrape["wasm_server_requests_total{\(kept)}"] == 2)
        #expect(!scrape.text.contains("gone.wasm"))
        #expect(scrape[#"wasm_server_modules{state="current"}"#] == 1)
    }

    @Test("do not grow, whatever clients ask for")
    func bounded() throws {
        let server = try ServerUnderTest(serving: ["plugin.wasm": first])
        let observer = server.metrics.observers(of: .data)
        observer.exchangeEnded(ServerUnderTest.exchange(status: .notFound))
        let before = server.scrape.lines.count
        for number in 0..<10_000 {
            let module = RequestedResource.named("/\(number).wasm")
            observer.exchangeEnded(
                ServerUnderTest.exchange(.other("M\(number)"), "/\(number).wasm", module: module, status: .notFound)
            )
        }
        let scrape = server.scrape
        #expect(scrape.lines.count == before)
        let none = #"by="",listener="data",module="",protocol="1.1",status="404""#
        #expect(scrape["wasm_server_requests_total{\(none)}"] == 10_001)
    }

    @Test("lose nothing when several event loops count while modules are exchanged")
    func concurrency() async throws {
        let server = try ServerUnderTest(serving: ["plugin.wasm": first])
        let observer = server.metrics.observers(of: .data)
        let asked = RequestedResource.named("/plugin.wasm")
        let snapshots = try [first, second].map { try ServerUnderTest.snapshot(["plugin.wasm": $0]) }
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<1000 { observer.exchangeEnded(ServerUnderTest.exchange(module: asked)) }
                }
            }
            group.addTask {
                for _ in 0..<100 { for snapshot in snapshots { server.metrics.serve(snapshot) } }
            }
        }
        let counted = server.scrape.samples(of: "wasm_server_requests_total")
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counted.reduce(0, +) == 4000)
    }

    /// The labels of the one module at `/plugin.wasm`.
    private static func labels(of module: [UInt8]) -> String {
        #"{path="/plugin.wasm",sha256="\#(Digest(of: module))"}"#
    }

    @Test("say whether the server is ready")
    func ready() throws {
        let server = try ServerUnderTest()
        #expect(server.scrape["wasm_server_ready"] == 0)
        server.readiness.begin(serving: try ServerUnderTest.snapshot([:]))
        #expect(server.scrape["wasm_server_ready"] == 1)
        server.readiness.report("tls", problem: "expired")
        #expect(server.scrape["wasm_server_ready"] == 1)
        server.readiness.drain()
        #expect(server.scrape["wasm_server_ready"] == 0)
    }

    @Test("count lost log lines once each")
    func lostLines() throws {
        let registry = PrometheusRegistry()
        // No descriptor has this number, so that every write fails.
        let sink = LogSink(descriptor: -1, format: .json)
        _ = ServerMetrics(
            in: registry,
            version: "1",
            revision: "unknown",
            serving: try ServerUnderTest.snapshot([:]),
            readiness: Readiness(),
            sink: sink
        )
        for _ in 0..<3 {
            sink.write(Array("line\n".utf8), at: .info)
            sink.flush()
        }
        #expect(Scrape(registry)["wasm_server_log_lines_lost_total"] == 3)
    }
}
