// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("A server whose sources change", .timeLimit(.minutes(5)))
struct ReloadTests {
    /// A server of a directory that holds `plugin.wasm`.
    private func withServer(
        _ body: (WasmServer, String, ModuleFile, TemporaryFolder) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let module = try await ModuleFile(ofSize: 100_000, to: "modules/plugin.wasm", in: folder)
            try await withWasmServer(serving: folder.path("modules")) { server in
                try await body(server, folder.path("modules/plugin.wasm"), module, folder)
            }
        }
    }

    @Test(
        "serves a module that replaces another, by itself and on SIGHUP, and keeps the old",
        arguments: [nil, SIGHUP]
    )
    func replaced(_ signal: Int32?) async throws {
        try await withServer { server, path, one, folder in
            let two = try await ModuleFile(ofSize: 100_001, to: "two.wasm", in: folder)
            try two.replace(path)
            if let signal { server.send(signal) }

            // First the digest, then the bytes, and so on: neither is behind the other.
            var versions: [Int?] = []
            try await eventually("the new module to be served") {
                let digest = try await server.fetch(TestRequest("GET", "/plugin.wasm.sha256")).text
                versions.append(["\(one.sha256)\n", "\(two.sha256)\n"].firstIndex(of: digest))
                let content = try await server.fetch(TestRequest("GET", "/plugin.wasm")).content
                versions.append([one.bytes, two.bytes].firstIndex(of: content))
                return versions.last == 1 ? () : nil
            }
            let seen = versions.compactMap(\.self)
            #expect(seen.count == versions.count)
            #expect(seen == seen.sorted())

            for module in [one, two] {
                let reply = try await server.fetch(TestRequest("GET", module.digestPath))
                module.expect(in: reply)
            }
            let announcement = try await server.fetch(TestRequest("GET", "/plugin.wasm.sha256"))
            // RFC 8288 §3; `describes` is registered by RFC 6892.
            #expect(announcement["link"] == "<\(two.digestPath)>; rel=\"describes\"")

            let document = try await server.modules()
            #expect(document.modules("current").map(\.sha256) == [two.sha256])
            #expect(document.modules("kept").map(\.sha256) == [one.sha256])
            let line = try await server.logLine("module changed")
            #expect(line.sha256 == two.sha256)
            #expect(line.previousDigest == one.sha256)
            // It takes a second to be listed.
            _ = try await eventually("the last fetch to be listed") {
                try await server.modules().modules("current").first?.lastFetched
            }
            for entry in document.modules {
                // RFC 3339 §5.6.
                #expect(entry.since?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
            }
        }
    }

    @Test("goes on serving the last good module when the new one is none, says so everywhere, and recovers")
    func rejected() async throws {
        try await withServer { server, path, one, folder in
            try Data("<html>Not Found</html>".utf8).write(to: URL(filePath: path), options: .atomic)
            let verbose = try await readiness(of: server, containing: "[-]sources failed")
            #expect(verbose.contains(path))
            #expect(try await server.isReady())
            one.expect(in: try await server.fetch(TestRequest("GET", "/plugin.wasm")))
            #expect(try await server.announcedDigest() == one.sha256)
            let rejected = try await server.modules().modules.filter { $0.verdict == "rejected" }
            #expect(rejected.map(\.path) == ["/plugin.wasm"])
            #expect(rejected.first?.reason?.contains("HTML") == true)
            let line = try await server.logLine("rejected")
            #expect(line.reason?.contains("HTML") == true)
            #expect(line.stillServed == 1)
            let metrics = try await server.operations("/metrics").text
            #expect(metrics.contains(#"wasm_server_modules{state="rejected"} 1"#))
            #expect(metrics.contains(#"wasm_server_modules{state="current"} 1"#))

            let two = try await ModuleFile(ofSize: 100_001, to: "two.wasm", in: folder)
            try two.replace(path)
            _ = try await readiness(of: server, containing: "[+]sources ok")
            try await server.logLine("everything that was found is served")
            #expect(try await server.announcedDigest() == two.sha256)
            #expect(try await server.modules().modules.allSatisfy { $0.verdict == "admitted" })
            let later = try await server.operations("/metrics").text
            #expect(later.contains(#"wasm_server_modules{state="rejected"} 0"#))
        }
    }

    @Test("says of a source that is gone how many modules of it are served on")
    func gone() async throws {
        try await withServer { server, _, one, folder in
            let modules = folder.path("modules")
            try FileManager.default.moveItem(atPath: modules, toPath: folder.path("elsewhere"))
            #expect(try await server.logLine("rejected").stillServed == 1)
            one.expect(in: try await server.fetch(TestRequest("GET", "/plugin.wasm")))
        }
    }

    @Test("has a deleted module at the URL of its digest alone")
    func deleted() async throws {
        try await withServer { server, path, one, folder in
            let other = try await ModuleFile(ofSize: 100_001, to: "modules/other.wasm", in: folder)
            try await eventually("the new module to be served") {
                try await server.fetch(TestRequest("GET", "/other.wasm")).content == other.bytes ? () : nil
            }
            try FileManager.default.removeItem(atPath: path)
            try await server.logLine("module is gone")
            #expect(try await server.fetch(TestRequest("GET", "/plugin.wasm")).status == 404)
            #expect(try await server.fetch(TestRequest("GET", "/plugin.wasm.sha256")).status == 404)
            one.expect(in: try await server.fetch(TestRequest("GET", one.digestPath)))
            other.expect(in: try await server.fetch(TestRequest("GET", "/other.wasm")))
            #expect(try await server.isReady())
        }
    }

    /// What the readiness probe says at length, as soon as it contains a text; it has to be ready all the time.
    private func readiness(of server: WasmServer, containing text: String) async throws -> String {
        try await eventually("'\(text)' in what the server says of its readiness") {
            let reply = try await server.operations("/readyz?verbose")
            #expect(reply.status == 200)
            return reply.text.contains(text) ? reply.text : nil
        }
    }
}
