// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Probe
import Synchronization
import Testing

@testable import wasm_server

@Suite("What a probe prints")
struct ProbeReportTests {
    private final class Paper: Sendable {
        private let written = Mutex<[String]>([])
        var lines: [String] { written.withLock(\.self) }
        func write(_ line: String) { written.withLock { $0.append(line) } }
    }

    /// What is printed of one check that went well, and of an outcome.
    private func lines(of outcome: ProbeReport.Outcome, isQuiet: Bool, _ result: ProbeResult? = nil) -> [String] {
        let paper = Paper()
        let report = ProbeReport(of: "http://a:1", as: .text, isQuiet: isQuiet, print: paper.write)
        report.add(result ?? ProbeResult(.warning, "/plugin.wasm", "differs between replicas"))
        report.end(outcome, "the summary")
        return paper.lines
    }

    @Test("is a line for each check, and what they come to")
    func loud() {
        #expect(lines(of: .ok, isQuiet: false) == ["WARN    /plugin.wasm: differs between replicas", "the summary"])
    }

    @Test(
        "is nothing where it is to be quiet, but never hides that replicas differ: gateways that ask by name may fail"
    )
    func quiet() {
        #expect(lines(of: .ok, isQuiet: true).isEmpty)
        #expect(lines(of: .warning, isQuiet: true).isEmpty)
        // Whoever goes on because nothing failed has to know what was not looked at.
        let skipped = ProbeResult(.skipped, "a:1", "14 of 22 modules are not fetched")
        #expect(lines(of: .warning, isQuiet: true, skipped) == ["\(skipped)"])
        #expect(lines(of: .byDigestOnly, isQuiet: true) == ["the summary"])
    }
}
