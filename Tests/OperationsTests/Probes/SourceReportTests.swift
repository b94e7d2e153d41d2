// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Logging
import ModuleCatalog
import TestSupport
import Testing

@testable import Operations

@Suite("A report on sources that do not answer")
struct SourceReportTests {
    private let readiness = Readiness()
    private let registry = PrometheusRegistry()

    private func report(_ checks: [SourceCheck]) -> SourceReport {
        SourceReport(in: registry, to: readiness, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            checks
        }
    }

    private var answer: String {
        guard case .bytes(let bytes) = readiness.answer(.ready, isVerbose: true).body else { return "" }
        return String(decoding: bytes.array, as: UTF8.self)
    }

    @Test("tells for how long it has been waited for each, and takes it back")
    func verbose() {
        let report = report([])
        report.tell([SourceCheck(source: "/a", lastDate: 1, running: .seconds(9))])
        #expect(!answer.contains("source-checks"))
        report.tell([
            SourceCheck(source: "/a", lastDate: 1, running: .milliseconds(12_300)),
            SourceCheck(source: "/b", lastDate: 1, running: nil),
        ])
        #expect(answer.contains("[-]source-checks failed: A check of /a has taken 12 s.\n"))
        report.tell([SourceCheck(source: "/a", lastDate: 1, running: .seconds(1))])
        #expect(answer.contains("[+]source-checks ok"))
    }

    @Test("tells it of TLS files, too, apart from sources")
    func tlsFiles() {
        let checks = SlowChecks(
            of: .tlsFiles,
            to: readiness,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        report([]).tell([SourceCheck(source: "/a", lastDate: 1, running: .seconds(20))])
        checks.tell([("/tls/tls.crt", .seconds(11))])
        #expect(answer.contains("[-]tls-checks failed: A check of /tls/tls.crt has taken 11 s.\n"))
        checks.tell([])
        #expect(answer.contains("[+]tls-checks ok"))
        #expect(answer.contains("[-]source-checks failed"))
    }

    @Test("has a metric for each source, which stays behind while it is waited for")
    func metric() {
        let report = report([SourceCheck(source: "/a", lastDate: 1_795_000_000, running: .seconds(60))])
        let series = #"wasm_server_source_last_check_timestamp_seconds{source="/a"}"#
        #expect(Scrape(registry)[series] == 1_795_000_000)
        report.tell([])
    }
}
