// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Probe
import ServerClient
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
    private func lines(of outcome: Probe.Outcome, isQuiet: Bool, _ result: ProbeResult? = nil) -> [String] {
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
        "has what to do behind what was seen, by the flags for it",
        arguments: [
            ("look at the log", "look at the log"), (.showCertificate, "give one with --certificate and --key"),
            (.checkCertificate, "check the server's log, and what --certificate names"),
            (.nameAuthority, "name its authority with --ca"),
            (
                .nameAuthorityOrPresentIt,
                "name its authority with --ca, or, if that is not a root, put its certificate into the server's file"
            ),
            (.nameCurrentAuthority, "give the authority's current certificate with --ca"),
            (.allowClient, "name this client in the server's --tls-allowed-client, or show another by --certificate"),
            (.nameOperationsPort, "name the server's operations port: 9082, or what --operations-port says"),
            (.nameDataPort, "name its data port: 8082, or what --port and --tls-port say"),
            (.introduceReplicas, "let replicas know each other by --peers, and reach each other on the data port"),
            (.checkEachModule, "check each of them with --module"),
        ] as [(Remedy, String)]
    )
    func remedy(_ remedy: Remedy, _ words: String) {
        let result = ProbeResult(.failed, "192.0.2.1:1 /a.wasm", "is answered with 404", remedy)
        let line = "FAILED  192.0.2.1:1 /a.wasm: is answered with 404; \(words)"
        #expect(lines(of: .failed, isQuiet: true, result) == [line])
    }

    @Test(
        "is nothing where it is to be quiet, but never hides that replicas differ: gateways that ask by name may fail"
    )
    func quiet() {
        #expect(lines(of: .ok, isQuiet: true).isEmpty)
        #expect(lines(of: .warning, isQuiet: true).isEmpty)
        // Whoever goes on because nothing failed has to know what was not looked at.
        let skipped = ProbeResult(.skipped, "a:1", "14 of 22 modules are not fetched")
        #expect(lines(of: .warning, isQuiet: true, skipped) == ["skipped a:1: 14 of 22 modules are not fetched"])
        #expect(lines(of: .byDigestOnly, isQuiet: true) == ["the summary"])
    }
}
