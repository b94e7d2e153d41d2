// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle
internal import Tracing

/// Tells a collector of the fetches of modules.
struct TraceService: Service {
    /// Makes spans of exchanges.
    let tracer: Tracer
    private let exporter: SpanExporter

    /// How long the end of the server waits for the collector.
    private static let flushTimeout = Duration.seconds(1)

    /// A service for the process of an instance.
    init(to endpoint: CollectorEndpoint, instance: String, metrics registry: PrometheusRegistry, logger: Logger) {
        let tracer = Tracer()
        let report = TraceReport(on: endpoint, logger: logger)
        self.tracer = tracer
        exporter = SpanExporter(
            tracer,
            to: endpoint,
            of: TracedService(version: Version.current, instance: instance),
            observe: report.tell
        )
        registry.collectSpans(outcomes: SpanOutcome.allCases.map(\.rawValue)) { outcome in
            SpanOutcome(rawValue: outcome).map { tracer.count($0) } ?? 0
        }
    }

    /// Sends spans until a graceful shutdown reaches it, when no answer is under way any more, and then what is left.
    func run() async {
        await cancelWhenGracefulShutdown { await exporter.run() }
        await exporter.flush(within: Self.flushTimeout)
    }
}
