// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
import HTTPService
import Operations
import TestSupport
import Testing

@Suite("Prometheus' own tool")
struct PromtoolTests {
    @Test("has nothing to say against everything that is exposed")
    func fullExposition() async throws {
        let module = WasmModule.ofSize(100)
        let server = try ServerUnderTest(serving: ["a/é \"plugin\".wasm": module, "plugin.wasm": module])
        for listener in [Listener.data, .tls, .operations] {
            let observers = server.metrics.observers(of: listener)
            observers.exchangeEnded(ServerUnderTest.exchange(module: .named("/plugin.wasm", module)))
            observers.exchangeEnded(ServerUnderTest.exchange(status: .notFound, isComplete: false))
            for event in ConnectionMetricsTests.everything {
                observers.connectionChanged(event, .init(client: .example))
            }
        }
        _ = TLSMetrics(in: server.registry, expiry: 1_900_000_000, authorityExpiry: 1_900_000_000)
        let verdict = try await promtool(checking: server.registry.exposition())
        #expect(verdict == Verdict(exitCode: 0, output: ""))
    }

    @Test("would find a fault")
    func fault() async throws {
        let verdict = try await promtool(checking: Array("# TYPE a counter\na 1\n".utf8))
        #expect(verdict.exitCode != 0)
        #expect(verdict.output.contains("_total"))
    }

    private struct Verdict: Equatable {
        let exitCode: Int32
        let output: String
    }

    /// What `promtool check metrics` says.
    private func promtool(checking text: [UInt8]) async throws -> Verdict {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let tools = root.appending(path: ".build-tools/prometheus/usr/bin").path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        // env answers 127 if there is no promtool; then run Scripts/install-tools test.
        let result = try await CommandLineTool.run(
            ["env", "PATH=\(tools):\(path)", "promtool", "check", "metrics"],
            input: String(decoding: text, as: UTF8.self)
        )
        return Verdict(exitCode: result.status, output: result.output)
    }
}
