// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Logging
import ServerClient
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import wasm_server

@Suite("What the log says of a collector")
struct TraceReportTests {
    /// Keeps what is logged.
    private struct Handler: LogHandler {
        let lines: Mailbox<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"].map { "\($0)" } ?? ""
            lines.put("\(event.level): \(event.message): \(event.metadata?["endpoint"] ?? "nowhere"): \(reason)")
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
    }

    private let lines = Mailbox<String>()
    private let time = SharedInstant()
    private let report: TraceReport

    init() throws {
        let (lines, time) = (lines, time)
        report = TraceReport(
            on: try CollectorEndpoint("http://collector:4318"),
            logger: Logger(label: "test") { _ in Handler(lines: lines) },
            now: { time.now }
        )
    }

    @Test("is what went wrong, where, and what to do, once a minute")
    func throttling() {
        for second in 0..<120 {
            time.set(second)
            report.tell(.failed(.unanswered(.refused)))
            report.tell(.failed(.status(503, "is answered with 503")))
        }
        #expect(lines.all.count == 2)
        #expect(
            lines.all.first == """
                warning: spans are not taken: http://collector:4318: cannot be connected to: connection refused; check that the \
                collector runs, the port in --otlp-endpoint, and network policies
                """
        )
    }

    @Test("is that it takes spans again, once, and nothing while all is well")
    func recovery() {
        report.tell(.exported)
        #expect(lines.all.isEmpty)
        report.tell(.failed(.unanswered(.refused)))
        report.tell(.exported)
        report.tell(.exported)
        #expect(lines.all.count == 2)
        #expect(lines.all.last == "info: spans are taken again: http://collector:4318: ")
    }

    @Test(
        "names the remedy that fits",
        arguments: [
            (.status(302, "is answered with 302"), "no redirect is followed"),
            (.status(401, "is answered with 401"), "without credentials"),
            (.status(404, "is answered with 404"), "/v1/traces is put behind its path"),
            (.status(503, "is answered with 503"), "its load"),
            (.status(400, "is answered with 400"), "the collector's log"),
            (.unanswered(.malformed), "4317 is that of gRPC"), (.unanswered(.tls(.notTLS)), "http://"),
            (.unanswered(.unresolved("there is no a")), "DNS"),
            (.unanswered(.timedOut(afterConnecting: false)), "policies"),
        ] as [(ExportFailure, String)]
    )
    func remedies(_ failure: ExportFailure, _ remedy: String) {
        report.tell(.failed(failure))
        #expect(lines.all.first?.contains(remedy) == true)
    }

    @Test("is what it rejects and why, or only says")
    func rejections() {
        report.tell(.rejected(3, "too old"))
        time.set(60)
        report.tell(.rejected(0, "slow down"))
        #expect(
            lines.all.map { $0.split(separator: ": ", maxSplits: 3).last } == [
                "the collector rejected 3: too old", "it says: slow down",
            ]
        )
    }
}

/// A time that a test sets.
private final class SharedInstant: Sendable {
    private let start = ContinuousClock.now
    private let seconds = Mutex(0)

    var now: ContinuousClock.Instant { start + .seconds(seconds.withLock(\.self)) }

    func set(_ second: Int) { seconds.withLock { $0 = second } }
}
