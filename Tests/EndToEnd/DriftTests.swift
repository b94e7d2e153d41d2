// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("`wasm-server probe --manifest`", .timeLimit(.minutes(5)))
struct DriftTests {
    private static let gateways = [
        "envoy", "envoy-filter", "istio-wasmplugin", "envoy-gateway", "consul", "kuadrant-env",
    ]
    private static let nobodys = String(repeating: "0", count: 64)

    /// A manifest of each gateway, as `config` prints it of what is current.
    private static func printed(by server: WasmServer, as name: String? = nil, in folder: TemporaryFolder) async throws
        -> String
    {
        let url = "http://127.0.0.1:\(server.port)"
        var manifests: [String] = []
        for gateway in gateways {
            let words = ["config", "--for", gateway, "--url", url, "--as", name ?? url, "--quiet"]
            manifests.append(try await Outcome.of(words, in: URL(filePath: folder.path)).output)
        }
        return manifests.joined(separator: "---\n")
    }

    private static func probe(_ manifest: String, _ words: [String] = [], in folder: TemporaryFolder) async throws
        -> Outcome
    {
        let file = try folder.write(Array(manifest.utf8), to: "manifest.yaml")
        return try await Outcome.of(["probe", "--manifest", file] + words, in: URL(filePath: folder.path))
    }

    private static func plugin(_ url: String, _ sha256: String? = nil) -> String {
        "kind: WasmPlugin\nmetadata: { name: plugin }\nspec: { url: \"\(url)\"\(sha256.map { ", sha256: \"\($0)\"" } ?? "") }\n"
    }

    @Test("finds each gateway's manifest current, then outdated where the module has changed")
    func change() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "modules/plugin.wasm")
            let flags = ["--drain-delay", "0", "--retain", "1h"]
            try await withWasmServer(serving: folder.path("modules"), with: flags) { server in
                let manifest = try await Self.printed(by: server, in: folder)
                let current = try await Self.probe(manifest, in: folder)
                #expect(current.code == 0 && current.errors.isEmpty, "\(current.output)")
                let lines = current.output.split(separator: "\n")
                #expect(lines.last == "Every manifest names what is current.")
                #expect(lines.count { $0.hasPrefix("ok ") && $0.contains("is current at /plugin.wasm") } == 6)

                let before = try await server.announcedDigest()
                try folder.write(WasmModule.plugin + [0, 4, 3] + Array("two".utf8), to: "modules/plugin.wasm")
                server.send(SIGHUP)
                let now = try await eventually("the module to change") {
                    let now = try await server.announcedDigest()
                    return now == before ? nil : now
                }
                let outdated = try await Self.probe(manifest, in: folder)
                #expect(outdated.code == 0, "\(outdated.output)")
                let warnings = outdated.output.split(separator: "\n").filter { $0.hasPrefix("WARN ") }
                #expect(warnings.count == 6)
                #expect(warnings.allSatisfy { $0.contains("not current") && $0.contains("/plugin.wasm is \(now) now") })
                #expect(outdated.output.hasSuffix("except for WARN and skipped above.\n"))
            }
        }
    }

    @Test("asks the server that is named about modules of any host, and says so in JSON, too")
    func otherName() async throws {
        try await TemporaryFolder.with { folder in
            try await withWasmServer { server in
                let url = "http://127.0.0.1:\(server.port)"
                let manifest = try await Self.printed(by: server, as: "http://wasm-server.invalid:8082", in: folder)
                let named = try await Self.probe(manifest, [url, "--output", "json"], in: folder)
                #expect(named.code == 0, "\(named.errors)")
                let document = try JSONDecoder().decode(Document.self, from: Data(named.output.utf8))
                #expect(document.outcome == "ok" && document.url == url)
                #expect(document.results.count == 7)
                let place = "WasmPlugin plugin (\(folder.path("manifest.yaml")):"
                #expect(document.results.contains { $0.subject.hasPrefix(place) })
                let unnamed = try await Self.probe(manifest, in: folder)
                #expect(unnamed.code == SysExit.unavailable)
                #expect(unnamed.output.contains("its name cannot be resolved"))
                #expect(unnamed.output.split(separator: "\n").count { $0.hasPrefix("skipped") } == 6)
            }
        }
    }

    @Test("fails for what gateways would reject, or nobody has")
    func failures() async throws {
        try await TemporaryFolder.with { folder in
            try await withWasmServer { server in
                let url = "http://127.0.0.1:\(server.port)"
                let sha256 = try await server.announcedDigest()
                let remote = { (rest: String) in "remote: { http_uri: { uri: '\(url)/plugin.wasm' }\(rest) }\n" }
                for (manifest, code, words) in [
                    (Self.plugin("\(url)/plugin.wasm", sha256), 0, "ok "),
                    (Self.plugin("\(url)/plugin.wasm"), 0, "WARN .*add sha256: \(sha256)"),
                    (Self.plugin("\(url)/plugin.wasm", Self.nobodys), 76, "FAILED .*the manifest has 0000"),
                    (Self.plugin("\(url)/sha256/\(Self.nobodys).wasm", sha256), 76, "FAILED .*its URL is that of 0000"),
                    (Self.plugin("\(url)/sha256/\(Self.nobodys).wasm", Self.nobodys), 76, "FAILED .*nobody has 0000"),
                    (Self.plugin("\(url)/plugni.wasm"), 76, "FAILED .*the nearest is /plugin.wasm"),
                    (Self.plugin("\(url)/plugin"), 76, "FAILED .*none of a Wasm Server's paths"),
                    (remote(", sha256: \(sha256)"), 0, "WARN .*has no retry policy"),
                    (remote(", sha256: \(sha256), retry_policy: { num_retries: 1 }"), 0, "WARN .*num_retries: 1;"),
                    (remote(", retry_policy: { num_retries: 9 }"), 76, "FAILED .*Envoy rejects it"),
                    (
                        Self.plugin("http://\(server.operationsAddress)/plugin.wasm"), 76,
                        "FAILED .*is the operations port"
                    ),
                    (Self.plugin("http://127.0.0.1:1/plugin.wasm"), 69, "FAILED .*connection refused"),
                    (Self.plugin("oci://ghcr.io/a/b:1"), 0, "skipped .*OCI image"),
                    ("kind: ConfigMap\n", 76, "FAILED .*names no module: 1 ConfigMap"),
                    ("", 76, "FAILED .*manifest.yaml: holds nothing; see whether"),
                ] as [(String, Int32, String)] {
                    let outcome = try await Self.probe(manifest, in: folder)
                    #expect(outcome.code == code, "\(outcome.output) \(outcome.errors)")
                    let isTold = outcome.output.split(separator: "\n").contains { $0.contains(try! Regex("^\(words)")) }
                    #expect(isTold, "\(words) is not in \(outcome.output)")
                }
            }
        }
    }

    @Test("asks over TLS where the URLs are of that, with a client certificate where one is demanded")
    func overTLS() async throws {
        try await TLSServerFixture.with(askingForCertificates: true) { fixture in
            try await TemporaryFolder.with { folder in
                let url = try fixture.url
                let manifest = try await Self.printed(by: fixture.server, as: url, in: folder)
                let known = [
                    "--ca", fixture.authority.certificate, "--certificate", fixture.pair.certificate, "--key",
                    fixture.pair.key,
                ]
                for words in [known, known + [url]] {
                    let good = try await Self.probe(manifest, words, in: folder)
                    #expect(good.code == 0, "\(good.output)")
                    #expect(good.output.hasSuffix("Every manifest names what is current.\n"))
                }
                let untrusting = try await Self.probe(manifest, in: folder)
                #expect(untrusting.code == SysExit.protocolError)
                #expect(untrusting.output.contains("--ca"), "\(untrusting.output)")
            }
        }
    }

    @Test("warns of what only a peer has, which keeps it")
    func peers() async throws {
        try await withReplicas(of: 2) { group, folder in
            let old = try await ModuleFile(ofSize: 30_000, to: "1/plugin.wasm", in: folder)
            let new = try await ModuleFile(ofSize: 30_001, to: "2/plugin.wasm", in: folder)
            let first = try await group.start(
                1,
                serving: old.path,
                with: ["--drain-delay", "0", "--admission", "warn"]
            )
            _ = try await group.start(2, serving: new.path, with: ["--drain-delay", "0", "--admission", "warn"])
            let manifest = Self.plugin("http://x:1\(new.digestPath)", new.sha256)
            let outcome = try await eventually("the first to know the second") { () -> Outcome? in
                let outcome = try await Self.probe(manifest, ["http://\(first.host):\(first.port)"], in: folder)
                return outcome.code == 0 ? outcome : nil
            }
            #expect(
                outcome.output.contains(/WARN .* is not current, and (there|kept) by its digest/),
                "\(outcome.output)"
            )
        }
    }

    @Test("rejects what it cannot read, and what it would not do")
    func unreadable() async throws {
        try await TemporaryFolder.with { folder in
            for (manifest, words) in [
                ("a: *b\n", "none above is called 'b'"), ("a: !!str\n\tb", "; "), ("a: \u{1b}[2J", "control character"),
                (String(repeating: "x", count: 10_000_000), "more than 8MiB; leave something out"),
                ("kind: WasmPlugin\nspec: { url: !vault x }\n", "line 2: has the tag '!vault'"),
            ] {
                let outcome = try await Self.probe(manifest, in: folder)
                #expect(outcome.code == SysExit.dataError)
                #expect(outcome.output.isEmpty && outcome.errors.count == 1)
                #expect(outcome.errors.first?.contains(words) == true, "\(outcome.errors)")
                #expect(outcome.errors.first?.contains("manifest.yaml") == true)
            }
            let place = URL(filePath: folder.path)
            let missing = try await Outcome.of(["probe", "--manifest", "nowhere.yaml"], in: place)
            #expect(missing.code == SysExit.noInput)
            for words in [
                ["--manifest", "-", "--manifest", "-"], ["--manifest", "-", "--module", "/a.wasm"], ["--manifest"],
                ["--manifest", "a.yaml", "b.yaml"],
            ] {
                let outcome = try await Outcome.of(["probe"] + words, in: place)
                #expect(outcome.code == SysExit.usage)
                #expect(outcome.errors.first?.contains("; ") == true)
            }
            // Standard input is empty, as it is behind a command that has failed.
            let input = try await Outcome.of(["probe", "--manifest", "-"], in: place)
            #expect(input.code == SysExit.protocolError && input.output.hasPrefix("FAILED  <stdin>: holds nothing; "))
            #expect(
                input.errors == [
                    "wasm-server: --manifest: no module is named in <stdin>, so nothing was compared; see what FAILED"
                ]
            )
            let json = try await Outcome.of(["probe", "--manifest", "-", "--output", "json"], in: place)
            let document = try JSONDecoder().decode(Document.self, from: Data(json.output.utf8))
            #expect(json.code == SysExit.protocolError && document.outcome == "failed")
            #expect(document.results.map(\.verdict) == ["failed"])
        }
    }

    /// What `--output json` prints.
    private struct Document: Decodable {
        struct Result: Decodable {
            let verdict: String
            let subject: String
        }

        let url: String?
        let outcome: String
        let results: [Result]
    }
}
