// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import GatewayConfiguration
import NIOCore
import ServerClient
import ServerInterface
import Synchronization
import TestSupport
import Testing

@testable import Probe

@Suite("A comparison of manifests with what is served", .timeLimit(.minutes(5)))
struct DriftProbeTests {
    private static let digest = Digest(of: Array("one".utf8))
    private static let other = Digest(of: Array("two".utf8))

    /// What `/modules` says of one module.
    private static func index(_ digest: Digest, kept: Digest? = nil) -> Stranger.Answer {
        let entry = { (digest: Digest, state: String) in
            #"{"verdict": "admitted", "state": "\#(state)", "path": "/plugin.wasm", "sha256": "\#(digest)"}"#
        }
        let entries = [entry(digest, "current")] + (kept.map { [entry($0, "kept")] } ?? [])
        return .init(body: Array(#"{"modules": [\#(entries.joined(separator: ","))]}"#.utf8))
    }

    private static func text(_ digest: Digest) -> Stranger.Answer { .init(body: Array("\(digest)\n".utf8)) }

    private static func reference(
        _ url: String,
        _ sha256: String?,
        _ fetcher: ModuleFetcher = .agent
    ) -> ModuleReference {
        ModuleReference(
            place: ManifestPlace(object: "A b", file: "f", line: 1),
            url: url,
            sha256: sha256,
            fetcher: fetcher
        )
    }

    /// What is told of a reference, by servers that answer so.
    private static func results(
        of reference: ModuleReference,
        isOfThese: Bool = true,
        within timeout: Duration = .seconds(30),
        by answers: (@Sendable (String) -> Stranger.Answer?)...
    ) async throws -> [ProbeResult] {
        let collected = Mutex<[ProbeResult]>([])
        let results = Results { result in collected.withLock { $0.append(result) } }
        let client = ServerClient(try Origin("http://127.0.0.1:1"), timeout: timeout)
        var served = ServedModules(client)
        let check = ReferenceCheck(reference, results)
        try await serve(answers[...]) { strangers in
            for stranger in strangers {
                let response = try await client.fetch(FetchRequest("/modules", limit: 9999), from: stranger.address)
                served.add(try #require(ModuleIndex(response.body)), at: stranger.address)
            }
            if let target = check.target() {
                await check.compare(target, with: &served, isOfThese: isOfThese)
                check.checkRetries()
            }
        }
        return collected.withLock { $0 }
    }

    private static func serve(
        _ answers: ArraySlice<@Sendable (String) -> Stranger.Answer?>,
        _ strangers: [Stranger] = [],
        _ body: nonisolated(nonsending) ([Stranger]) async throws -> Void
    ) async throws {
        guard let first = answers.first else { return try await body(strangers) }
        try await Stranger.with(first) { try await serve(answers.dropFirst(), strangers + [$0], body) }
    }

    @Test(
        "judges by what is served, and by what the manifest says",
        arguments: [
            ("/sha256/\(digest).wasm", "\(digest)", .ok, "is current at /plugin.wasm"),
            ("/sha256/\(digest).wasm", nil, .warning, "has no sha256"),
            ("/sha256/\(other).wasm", "\(digest)", .failed, "its URL is that of \(other)"),
            ("/sha256/\(other).wasm", "\(other)", .failed, "nobody has \(other)"),
            ("/plugin.wasm", "\(digest)", .ok, "/plugin.wasm is \(digest)"),
            ("/plugin.wasm?v=1#x", "\(digest)", .ok, "/plugin.wasm is \(digest)"),
            ("/plugin.wasm", "\(other)", .failed, "and the manifest has \(other)"),
            ("/plugin.wasm", "\(digest)".uppercased(), .failed, "64 lowercase"),
            ("/plugni.wasm", nil, .failed, "there is no /plugni.wasm"),
            ("/alias.wasm", "\(digest)", .ok, "/alias.wasm is \(digest)"),
            ("/plugin.so", nil, .failed, "none of a Wasm Server's paths"),
            ("/v2/plugin.wasm", nil, .failed, "none of a Wasm Server's paths"),
            ("/sha256/\(digest).wasm.sha256", nil, .failed, "none of a Wasm Server's paths"),
            ("", nil, .failed, "none of a Wasm Server's paths"),
            ("/a b.wasm", nil, .failed, "a character that no URL has"),
            ("/a\r\nx: y.wasm", nil, .failed, "a character that no URL has"),
        ] as [(String, String?, ProbeResult.Verdict, String)]
    )
    func verdicts(_ path: String, _ sha256: String?, _ verdict: ProbeResult.Verdict, _ words: String) async throws {
        let results = try await Self.results(of: Self.reference("http://a:1\(path)", sha256)) { path in
            switch path {
            case "/modules": Self.index(Self.digest)
            case "/alias.wasm.sha256": Self.text(Self.digest)
            default: .init(status: 404)
            }
        }
        let told = results.filter { $0.verdict == verdict && $0.detail.contains(words) }
        #expect(told.count == 1, "\(results)")
        #expect(results.allSatisfy { $0.subject == "A b (f:1)" && ($0.verdict == .ok) == ($0.remedy == nil) })
    }

    @Test(
        "rejects a URL by its reason, and never repeats what may be a password",
        arguments: [
            "ftp://a/b.wasm", "", "http://", "http://user:geheim@a:1/b.wasm", "http://a:0/b.wasm", "http://[::1/b.wasm",
            "{{ .Values.url }}", "https:/a/b.wasm",
        ]
    )
    func badURL(_ url: String) async throws {
        let results = try await Self.results(of: Self.reference(url, nil))
        #expect(results.map(\.verdict) == [.failed])
        #expect(
            results.allSatisfy { $0.detail.hasPrefix("its URL ") && !"\($0)".contains("geheim") && $0.remedy != nil }
        )
    }

    @Test("tells what is kept, and what is current in its place; what peers have; and what could not be found out")
    func outdated() async throws {
        let reference = Self.reference("http://a:1/sha256/\(Self.other).wasm", "\(Self.other)")
        let kept = try await Self.results(of: reference) { _ in Self.index(Self.digest, kept: Self.other) }
        #expect(kept.map(\.verdict) == [.warning])
        #expect(kept.first?.detail.hasSuffix("/plugin.wasm is \(Self.digest) now") == true)
        for (status, verdict) in [(200, ProbeResult.Verdict.warning), (503, .failed), (403, .failed), (302, .failed)] {
            let results = try await Self.results(of: reference) { path in
                path == "/modules" ? Self.index(Self.digest) : .init(status: status)
            }
            #expect(results.map(\.verdict) == [verdict])
            #expect(status == 200 || results.first?.detail.contains("\(status)") == true)
        }
        let silent = try await Self.results(of: reference, within: .seconds(2)) {
            $0 == "/modules" ? Self.index(Self.digest) : nil
        }
        #expect(silent.map(\.verdict) == [.failed])
        #expect(silent.first?.detail.contains("in time") == true)
    }

    @Test("tells where servers behind one name differ")
    func differing() async throws {
        let one: @Sendable (String) -> Stranger.Answer? = { path in
            path == "/modules" ? Self.index(Self.digest) : .init(status: 404)
        }
        let two: @Sendable (String) -> Stranger.Answer? = { path in
            path == "/modules" ? Self.index(Self.other) : .init(status: 404)
        }
        let byDigest = Self.reference("http://a:1/sha256/\(Self.digest).wasm", "\(Self.digest)")
        let partly = try await Self.results(of: byDigest, by: one, two)
        #expect(partly.map(\.verdict) == [.warning])
        #expect(partly.first?.detail.hasSuffix("is current at /plugin.wasm on 1 of 2 servers") == true)
        #expect(try await Self.results(of: byDigest, by: one, one).map(\.verdict) == [.ok])
        let byName = try await Self.results(
            of: Self.reference("http://a:1/plugin.wasm", "\(Self.digest)"),
            by: one,
            two
        )
        #expect(byName.map(\.verdict) == [.failed])
        #expect(byName.first?.detail.contains("not the same on all 2 servers") == true)
    }

    // https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-remotedatasource
    @Test(
        "warns where Envoy would hardly try again, and fails where it would reject the configuration",
        arguments: [
            (.envoy(.missing), .warning, "no retry policy"), (.envoy(.retries(nil)), .warning, "without num_retries"),
            (.envoy(.retries(1)), .warning, "num_retries: 1"), (.envoy(.retries(-1)), .warning, "num_retries: -1"),
            (.envoy(.retries(2)), .ok, ""), (.agent, .ok, ""), (.operated, .ok, ""),
        ] as [(ModuleFetcher, ProbeResult.Verdict, String)]
    )
    func retries(_ fetcher: ModuleFetcher, _ verdict: ProbeResult.Verdict, _ words: String) async throws {
        let url = "http://a:1/sha256/\(Self.digest).wasm"
        let results = try await Self.results(of: Self.reference(url, "\(Self.digest)", fetcher)) { _ in
            Self.index(Self.digest)
        }
        #expect(results.map(\.verdict) == (verdict == .ok ? [.ok] : [.ok, verdict]))
        #expect(results.last?.detail.contains(words) == true || words.isEmpty)
        let unverified = try await Self.results(of: Self.reference(url, nil, fetcher)) { _ in Self.index(Self.digest) }
        let isEnvoys = if case .envoy = fetcher { true } else { false }
        #expect(unverified.contains { $0.verdict == .failed && $0.detail.contains("Envoy rejects") } == isEnvoys)
    }

    @Test("passes over what another host may have, and has no use for a server without references")
    func others() async throws {
        let elsewhere = try await Self.results(of: Self.reference("http://b:1/x", nil), isOfThese: false) { _ in
            Self.index(Self.digest)
        }
        #expect(elsewhere.map(\.verdict) == [.skipped])
    }

    /// What is told of files, and what comes of it, where no server is.
    private static func outcome(of files: [(name: String, text: String)]) async throws -> (
        Probe.Outcome, [ProbeResult]
    ) {
        let collected = Mutex<[ProbeResult]>([])
        let files = try files.map { try ManifestFile($0.text, named: $0.name) }
        let probe = DriftProbe(of: files, at: try Origin("http://127.0.0.1:1")) {
            ServerClient($0, timeout: .seconds(1))
        } report: { result in
            collected.withLock { $0.append(result) }
        }
        return (await probe.run(), collected.withLock { $0 })
    }

    @Test(
        "fails where no file names any module, and says what is in each instead, and what to do",
        arguments: [
            ("", "holds nothing", "cannot reach the cluster"),
            ("kind: List\nitems: []\n", "names no module: 1 empty List", "in all namespaces"),
            ("kind: ConfigMap\n", "names no module: 1 ConfigMap", "in all namespaces"),
            ("apiVersion: example.com/v1\nkind: WasmPlugin\n", "names no module", "in all namespaces"),
        ]
    )
    func nothing(_ text: String, _ detail: String, _ remedy: String) async throws {
        let (outcome, results) = try await Self.outcome(of: [("a\u{1b}.yaml", text), ("b.yaml", text)])
        #expect(outcome == .failed)
        let failed = results.filter { $0.verdict == .failed }
        #expect(failed.map(\.subject) == ["a\u{1b}.yaml".printable, "b.yaml"])
        #expect(failed.allSatisfy { $0.detail == detail && "\($0)".contains(remedy) }, "\(failed)")
        let image = "kind: WasmPlugin\nspec: { url: 'oci://a/b' }\n"
        let (other, told) = try await Self.outcome(of: [("a.yaml", text), ("b.yaml", image)])
        #expect(other == .warning)
        #expect(told.contains { $0.verdict == .skipped && $0.subject == "a.yaml" && $0.detail == detail })
    }

    @Test("asks no more servers than anyone has")
    func manyServers() async throws {
        let plugins = (1...40).map { "---\nkind: WasmPlugin\nspec: { url: 'http://127.99.0.\($0):1/a.wasm' }\n" }
        let file = try ManifestFile(plugins.joined(), named: "f")
        let collected = Mutex<[ProbeResult]>([])
        let probe = DriftProbe(of: [file], at: nil) {
            ServerClient($0, timeout: .seconds(30))
        } report: { result in
            collected.withLock { $0.append(result) }
        }
        #expect(await probe.run() == .unreachable)
        let results = collected.withLock { $0 }
        #expect(results.count { $0.verdict == .failed && $0.detail.contains("connection refused") } == 32)
        #expect(results.count { $0.verdict == .skipped && $0.detail.contains("other servers were asked") } == 8)
        #expect(results.count == 32 + 40)
    }

    @Test("tells a part of a URL of megabytes")
    func longURL() async throws {
        let path = "/\(String(repeating: "x", count: 1_000_000)).wasm"
        let results = try await Self.results(of: Self.reference("http://a:1\(path)", nil)) { path in
            path == "/modules" ? Self.index(Self.digest) : .init(status: 404)
        }
        #expect(results.map(\.verdict) == [.failed])
        #expect(results.allSatisfy { "\($0)".utf8.count < 2000 })
    }
}
