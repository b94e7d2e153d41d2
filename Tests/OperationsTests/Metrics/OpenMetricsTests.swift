// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import Metrics
import TestSupport
import Testing

@testable import Operations

/// Against OpenMetrics 1.0, `specification/OpenMetrics.md`.
@Suite("The metrics as OpenMetrics")
struct OpenMetricsTests {
    private let registry = PrometheusRegistry()

    private func lines(_ format: Exposition = .openMetrics) -> [Substring] {
        String(decoding: registry.exposition(as: format), as: UTF8.self).split(separator: "\n")
    }

    // "The MetricFamily name of a Counter has no suffix; its Sample has `_total`." "Expositions MUST end with `# EOF`."
    @Test("name a family of counters without the suffix of its samples, and say where they end")
    func counters() {
        Counter(label: "a_total", factory: registry).increment(by: 2)
        Meter(label: "b", factory: registry).set(1)
        #expect(lines().prefix(4) == ["# TYPE a counter", "a_total 2", "# TYPE b gauge", "b 1"])
        #expect(lines().last == "# EOF")
        #expect(!lines(.text).contains("# EOF"))
    }

    // W3C Trace Context §3.2.2.5: the example of a traceparent.
    @Test("name with each bucket the trace of the last request in it whose client named one, in that format alone")
    func exemplars() throws {
        let metrics = ExchangeMetrics(of: .data, in: registry)
        metrics.exchangeEnded(exchange(.milliseconds(3), "00-11111111111111111111111111111111-00f067aa0ba902b7-01"))
        metrics.exchangeEnded(exchange(.milliseconds(4), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        metrics.exchangeEnded(exchange(.milliseconds(5), nil))
        metrics.exchangeEnded(exchange(.milliseconds(6), "no trace"))
        let bucket = "wasm_server_request_duration_seconds_bucket{listener=\"data\",le=\"0.01\"} 4"
        let line = try #require(lines().first { $0.hasPrefix(bucket) })
        #expect(line.hasPrefix("\(bucket) # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} 0.004 1"))
        #expect(lines(.text).contains(bucket[...]))
        #expect(
            lines().contains {
                $0.hasPrefix("wasm_server_request_duration_seconds_bucket{listener=\"data\",le=\"1.0\"} 4")
            }
        )
        #expect(lines(.text).contains("wasm_server_request_duration_seconds_bucket{listener=\"data\",le=\"1\"} 4"))
    }

    // W3C Trace Context §3.2.2.5.1: the least significant bit of the flags.
    @Test(
        "name no trace that its client does not record, as it leads nowhere",
        arguments: [
            ("00", false), ("01", true), ("02", false), ("03", true), ("fe", false), ("ff", true), ("0a", false),
            ("0b", true),
        ]
    )
    func sampled(_ flags: String, _ isSampled: Bool) {
        let metrics = ExchangeMetrics(of: .data, in: registry)
        metrics.exchangeEnded(
            exchange(.milliseconds(3), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(flags)")
        )
        #expect(lines().contains { $0.contains("trace_id") } == isSampled)
    }

    private func exchange(_ duration: Duration, _ traceparent: String?) -> Exchange {
        var fields = RequestFields()
        if let traceparent { fields.add(name: "traceparent", value: traceparent) }
        return Exchange(
            request: RequestExcerpt(Request(method: .get, path: "/plugin.wasm", fields: fields)),
            response: .text("ok"),
            version: .http11,
            client: .example,
            isComplete: true,
            duration: duration
        )
    }

    @Test(
        "are what collectors get that prefer them, and others get Prometheus' text",
        arguments: [
            // Prometheus 2.53 and 3.7 (`scrape/scrape.go`, `config.ScrapeProtocolsHeaders`).
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text"
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text"
            ),
            ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain"), ("*/*", "text/plain"), (nil, "text/plain"),
            ("application/json", "text/plain"),
        ] as [(String?, String)]
    )
    func negotiation(_ accept: String?, _ expected: String) async throws {
        var fields = RequestFields()
        let selection = FieldSelection(hasNegotiation: true)
        if let accept { fields.add(name: "accept", value: accept, reading: selection) }
        let answer = MetricsDocument(of: registry).answer(to: Request(method: .get, path: "/metrics", fields: fields))
        let response = await withCheckedContinuation { continuation in
            answer.whenDelivered { continuation.resume(returning: $0) }
        }
        #expect(response.head["content-type"]?.hasPrefix("\(expected); version=") == true)
        #expect(response.head["vary"] == "accept")
    }
}
