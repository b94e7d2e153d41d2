// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// What browsers see is checked in one, by `make check-page`.
@Suite("The page", .timeLimit(.minutes(5)))
struct StatusPageTests {
    private static let views = ["/", "/fleet", "/peers", "/certificates", "/settings", "/modules/plugin.wasm"]

    /// What is asked for at the operations port, as a browser does.
    private static func page(_ path: String, of server: WasmServer) async throws -> Reply {
        try await server.operations(
            path,
            with: ["--header", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"]
        )
    }

    private static func json(_ path: String, of server: WasmServer) async throws -> [String: Any] {
        let reply = try await server.operations(path)
        #expect(reply.status == 200)
        #expect(reply.fields["content-type"] == "application/json", "\(path)")
        return try #require(try JSONSerialization.jsonObject(with: reply.content) as? [String: Any])
    }

    @Test("has each view for people at the URL where programs get it, and obeys nothing but itself")
    func views() async throws {
        try await withWasmServer(with: ["--drain-delay", "0"]) { server in
            for view in Self.views {
                let page = try await Self.page(view, of: server)
                #expect(page.status == 200, "\(view)")
                #expect(page.fields["content-type"] == "text/html; charset=utf-8")
                #expect(page.fields["vary"] == "accept")
                #expect(page.fields["cache-control"] == "no-store")
                #expect(page.fields["x-content-type-options"] == "nosniff")
                #expect(page.fields["content-security-policy"]?.hasPrefix("default-src 'none'; ") == true)
                #expect(page.text.contains("<strong>All is well.</strong> Serving 1 module"), "\(view)")
                _ = try await Self.json(view, of: server)
                let other = try await server.operations("\(view)?format=html")
                #expect(other.fields["content-type"] == "text/html; charset=utf-8")
            }
        }
    }

    @Test("tells a module's digest, who has it, and what was served before it")
    func module() async throws {
        try await TemporaryFolder.with { folder in
            let (one, two) = (
                try await ModuleFile(ofSize: 30_000, to: "1/plugin.wasm", in: folder),
                try await ModuleFile(ofSize: 30_001, to: "2/plugin.wasm", in: folder)
            )
            let served = folder.path("served.wasm")
            try one.replace(served)
            try await withWasmServer(serving: served) { server in
                #expect(try await Self.page("/modules/served.wasm", of: server).text.contains(one.sha256))
                try two.replace(served)
                try await eventually("the second version") {
                    try await server.modules().modules("kept").isEmpty ? nil : ()
                }
                let page = try await Self.page("/modules/served.wasm", of: server)
                #expect(page.text.contains(one.sha256))
                let document = try await Self.json("/modules/served.wasm", of: server)
                let module = try #require(document["module"] as? [String: Any])
                #expect(module["sha256"] as? String == two.sha256)
                let history = try #require(document["history"] as? [[String: Any]])
                #expect(history.map { $0["sha256"] as? String } == [two.sha256, one.sha256])
                #expect(history.map { $0["until"] == nil } == [true, false])
                let kept = try await Self.json("/modules\(one.digestPath)", of: server)
                #expect((kept["module"] as? [String: Any])?["state"] as? String == "kept")
            }
        }
    }

    @Test(
        "looks names up, and joins none to a path",
        arguments: [
            "/modules/", "/modules/nothing.wasm", "/modules//plugin.wasm", "/modules/../plugin.wasm",
            "/modules/%2e%2e/plugin.wasm",
            "/modules/plugin.wasm/", "/modules/plugin.wasm/envoy.yaml", "/modules/sha256/0.wasm", "/modules/%00",
        ]
    )
    func missing(path: String) async throws {
        try await withWasmServer(with: ["--drain-delay", "0"]) { server in
            let options = ["--path-as-is", "--header", "Accept: text/html"]
            let page = try await server.operations(path, with: options)
            #expect(page.status == 404)
            #expect(page.text.contains("No such module"))
            let problem = try await server.operations(path, with: ["--path-as-is"])
            #expect(problem.status == 404)
            #expect(problem.fields["content-type"] == "application/problem+json")
        }
    }

    @Test("says of each setting where it was given")
    func settings() async throws {
        try await withWasmServer(
            with: ["--drain-delay", "0"],
            environment: ["WASM_SERVER_RETAIN": "3h"]
        ) { server in
            let document = try await Self.json("/settings", of: server)
            let settings = try #require(document["settings"] as? [[String: Any]])
            func setting(_ name: String) -> [String: Any]? { settings.first { $0["name"] as? String == name } }
            #expect(setting("retain")?["value"] as? String == "3h")
            #expect(setting("retain")?["givenBy"] as? String == "WASM_SERVER_RETAIN")
            #expect(setting("drain-delay")?["givenBy"] as? String == "--drain-delay")
            #expect(setting("rehash")?["value"] as? String == "10m")
            #expect(setting("rehash")?["givenBy"] == nil)
            #expect(setting("peers")?["value"] == nil)
            #expect(try await Self.page("/settings", of: server).text.contains("WASM_SERVER_RETAIN"))
        }
    }

    @Test("names what is rejected, before all that is well")
    func rejected() async throws {
        try await TemporaryFolder.with { folder in
            _ = try await ModuleFile(ofSize: 30_000, to: "good.wasm", in: folder)
            try await withWasmServer(serving: folder.path) { server in
                try folder.write(Array("<html>".utf8), to: "bad.wasm")
                let document = try await eventually("that something is rejected") {
                    let document = try await Self.json("/", of: server)
                    return document["level"] as? String == "attention" ? document : nil
                }
                #expect(document["ready"] as? Bool == true, "what is served is served on")
                let findings = try #require(document["findings"] as? [[String: Any]])
                #expect(findings.first?["subject"] as? String == "/bad.wasm")
                let page = try await Self.page("/", of: server).text
                #expect(page.contains("<strong>Needs attention.</strong>"))
                #expect(page.contains("HTML"), "the reason is told")
                #expect(try await Self.page("/modules/bad.wasm", of: server).status == 200)
            }
        }
    }

    @Test("shows the certificate that clients of TLS get")
    func certificate() async throws {
        try await TLSServerFixture.with { fixture in
            let document = try await Self.json("/certificates", of: fixture.server)
            let certificate = try #require(document["certificate"] as? [String: Any])
            let output = try await CommandLineTool.require([
                "openssl", "x509", "-in", fixture.pair.certificate, "-noout", "-fingerprint", "-sha256",
            ])
            let fingerprint = output.split(separator: "=").last.map { $0.replacing(":", with: "").lowercased() }
            #expect(certificate["sha256"] as? String == fingerprint?.trimmingCharacters(in: .newlines))
            #expect(document["problem"] == nil)
        }
    }
}
