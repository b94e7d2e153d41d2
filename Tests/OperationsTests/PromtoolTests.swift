// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
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
            observers.exchangeEnded(ServerUnderTest.exchange(module: module))
            observers.exchangeEnded(ServerUnderTest.exchange(status: .notFound, isComplete: false))
            for event in ConnectionMetricsTests.everything {
                observers.connectionChanged(event, client: "192.0.2.1:5", identity: nil)
            }
        }
        _ = TLSMetrics(in: server.registry, expiry: 1_900_000_000)
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
        try await TemporaryFolder.with { folder in
            let input = try folder.write(text, to: "metrics")
            let output = try folder.write([], to: "output")
            let root = URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let tools = root.appending(path: ".build-tools/prometheus/usr/bin").path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            // env answers 127 if there is no promtool; then run Scripts/install-test-tools.
            process.arguments = ["PATH=\(tools):\(path)", "promtool", "check", "metrics"]
            let source = try #require(FileHandle(forReadingAtPath: input))
            process.standardInput = source
            let sink = try #require(FileHandle(forWritingAtPath: output))
            process.standardOutput = sink
            process.standardError = sink
            try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
                process.terminationHandler = { _ in ended.resume() }
                do { try process.run() } catch { ended.resume(throwing: error) }
            }
            return Verdict(
                exitCode: process.terminationStatus,
                output: try String(contentsOfFile: output, encoding: .utf8)
            )
        }
    }
}
