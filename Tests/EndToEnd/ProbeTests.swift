// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("`wasm-server probe`", .timeLimit(.minutes(5)))
struct ProbeTests {
    @Test("finds nothing wrong with this server")
    func plain() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let outcome = try await Outcome.of(["probe", "http://127.0.0.1:\(server.port)"], in: folder)
                #expect(outcome.code == 0)
                #expect(outcome.errors.isEmpty)
                let lines = outcome.output.split(separator: "\n")
                #expect(lines.last == "Every client gets what it needs.")
                #expect(lines.dropLast().allSatisfy { $0.hasPrefix("ok ") }, "\(outcome.output)")
                for words in ["as Envoy asks", "as istio-agent", "cleartext HTTP/2", "by its digest", "HTTP/1.1 400"] {
                    #expect(outcome.output.contains(words))
                }
            }
        }
    }

    /// Who has come, as a tool reads it at `/fleet`.
    private struct Clients: Decodable {
        struct Client: Decodable {
            let kind: String
            let isGateway: Bool
            let userAgent: String?
        }

        let clients: [Client]

        /// Those who have fetched from a server.
        static func of(_ server: WasmServer) async throws -> [Client] {
            try JSONDecoder().decode(Self.self, from: try await server.operations("/fleet").content).clients
        }
    }

    @Test("is no gateway to the server: no gate takes it for one, and no module for fetched")
    func noGateway() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                let probe = try await Outcome.of(["probe", url], in: folder)
                #expect(probe.code == 0)
                let clients = try await Clients.of(server)
                #expect(clients.map(\.kind) == ["probe"])
                #expect(clients.allSatisfy { !$0.isGateway })
                #expect(clients.first?.userAgent?.hasPrefix("wasm-server-probe/") == true)
                let operations = "http://\(server.operationsAddress)"
                let gate = try await Outcome.of(
                    ["fleet", operations, "--wait-for", "1", "--timeout", "0s"],
                    in: folder
                )
                #expect(gate.code == 75)
                let metrics = try await server.operations("/metrics").text
                #expect(metrics.contains(/wasm_server_module_last_fetch_timestamp_seconds\{[^}]*\} 0\n/))
            }
        }
    }

    @Test("asks over TLS, with a client certificate where one is demanded")
    func mutualTLS() async throws {
        try await TLSServerFixture.with(askingForCertificates: true) { fixture in
            let (url, pair) = (try fixture.url, fixture.pair)
            let known = ["--ca", fixture.authority.certificate, "--certificate", pair.certificate, "--key", pair.key]
            let good = try await Outcome.of(["probe", url] + known, in: fixture.folder)
            #expect(good.code == 0, "\(good.output)")
            #expect(good.output.contains("HTTP/2 over TLS"))
            #expect(try await Clients.of(fixture.server).map(\.kind) == ["probe"])
            let unknown = try await Outcome.of(
                ["probe", url, "--ca", fixture.authority.certificate],
                in: fixture.folder
            )
            #expect(unknown.code == SysExit.protocolError)
            #expect(unknown.output.contains("--certificate"))
            let untrusting = try await Outcome.of(["probe", url] + known.dropFirst(2), in: fixture.folder)
            #expect(untrusting.code == SysExit.protocolError)
            #expect(untrusting.output.contains("--ca"))
        }
    }

    @Test("fails where there is something else, or nothing")
    func wrong() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let operations = try await Outcome.of(["probe", "http://\(server.operationsAddress)"], in: folder)
                #expect(operations.code == SysExit.protocolError)
                #expect(operations.output.contains("is the operations port of a Wasm Server"))
                #expect(!operations.output.contains("answered with 404"))
                let nobody = try await Outcome.of(["probe", "http://127.0.0.1:1"], in: folder)
                #expect(nobody.code == SysExit.unavailable)
                #expect(nobody.output.contains("connection refused"))
                let nowhere = try await Outcome.of(["probe", "http://nowhere.invalid:1"], in: folder)
                #expect(nowhere.code == SysExit.unavailable)
                #expect(nowhere.output.contains("cannot be resolved"))
                for url in ["127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1:1/plugin.wasm"] {
                    let outcome = try await Outcome.of(["probe", url], in: folder)
                    #expect(outcome.code == SysExit.usage)
                    #expect(outcome.errors.first?.contains(url) == true)
                }
                let missing = try await Outcome.of(
                    ["probe", "http://127.0.0.1:\(server.port)", "--module", "/other.wasm"],
                    in: folder
                )
                #expect(missing.code == SysExit.protocolError)
                #expect(missing.output.contains("no such module; it serves /plugin.wasm"))
            }
        }
    }

    @Test("warns, and does not fail, while a rejected module leaves the one before it in its place")
    func rejectedUpdate() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "modules/plugin.wasm")
            try await withWasmServer(serving: folder.path("modules")) { server in
                try folder.write(Array("<html>".utf8), to: "modules/plugin.wasm")
                server.send(SIGHUP)
                try await eventually("the module to be rejected") {
                    try await server.modules().modules.contains { $0.verdict == "rejected" } ? () : nil
                }
                let url = "http://127.0.0.1:\(server.port)"
                let outcome = try await Outcome.of(["probe", url], in: URL(filePath: folder.path))
                #expect(outcome.code == 0)
                #expect(outcome.output.contains(/WARN .* \/plugin\.wasm: is rejected: .* still get the one before it/))
                #expect(outcome.output.hasSuffix("except for WARN and skipped above.\n"))
            }
        }
    }

    @Test("asks the server beside it, by its own variables, whether it is ready")
    func healthCheck() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let operations = try #require(server.operationsAddress.split(separator: ":").last)
                var variables = [
                    "WASM_SERVER_PORT": "\(server.port)", "WASM_SERVER_OPERATIONS_PORT": "\(operations)",
                ]
                let ready = try await Outcome.of(["probe"], environment: variables, in: folder)
                #expect(ready.code == 0)
                #expect(ready.output == "ready\n")
                variables["WASM_SERVER_PORT"] = "1"
                let deaf = try await Outcome.of(["probe"], environment: variables, in: folder)
                #expect(deaf.code == SysExit.unavailable)
                #expect(deaf.errors.first?.contains("connection refused") == true)
                variables["WASM_SERVER_OPERATIONS_PORT"] = "0"
                let unknown = try await Outcome.of(["probe"], environment: variables, in: folder)
                #expect(unknown.code == SysExit.configuration)
                #expect(unknown.errors.first?.contains("WASM_SERVER_OPERATIONS_PORT") == true)
            }
        }
    }

    @Test("tells a server beside it that is not ready from one that does not answer")
    func unreadiness() async throws {
        try await withWasmServer(with: ["--drain-delay", "1h"], endingWith: 128 + SIGTERM) { server in
            try await withTemporaryFolder { folder in
                server.terminate()
                try await eventually("the server to say that it is not ready") {
                    try await server.isReady() ? nil : ()
                }
                let operations = try #require(server.operationsAddress.split(separator: ":").last)
                let variables = ["WASM_SERVER_OPERATIONS_PORT": "\(operations)"]
                let outcome = try await Outcome.of(["probe"], environment: variables, in: folder)
                #expect(outcome.code == SysExit.protocolError)
                let error = try #require(outcome.errors.first)
                #expect(error.contains("503: The server is shutting down; check"), "\(error)")
                #expect(!error.contains("{"))
                let (_, report) = try await Self.report(["probe"], environment: variables, in: folder)
                #expect(report.results.map(\.remedy) == ["check the server's log"])
                #expect(report.results.first?.detail.hasSuffix("503: The server is shutting down") == true)
            }
        }
    }

    @Test("tells that the variable of the operations port names the data port")
    func portMistake() async throws {
        try await withTemporaryFolder { folder in
            try await withWasmServer { server in
                let outcome = try await Outcome.of(
                    ["probe"],
                    environment: ["WASM_SERVER_OPERATIONS_PORT": "\(server.port)"],
                    in: folder
                )
                #expect(outcome.code == SysExit.protocolError)
                let error = try #require(outcome.errors.first)
                #expect(error.contains("is the data port of a Wasm Server"), "\(error)")
                #expect(error.hasSuffix("in WASM_SERVER_OPERATIONS_PORT"), "\(error)")
            }
        }
    }

    @Test("tells that nobody accepts a connection, and asks no further, where packets get lost")
    func silence() async throws {
        try await withTemporaryFolder { folder in
            // Once the backlog of a listener that accepts nothing is full, the system drops whoever else connects.
            let script = """
                import socket, subprocess, sys
                listener = socket.create_server(("127.0.0.1", 0), backlog=0)
                waiting = [socket.socket() for _ in range(8)]
                for client in waiting:
                    client.setblocking(False)
                    client.connect_ex(listener.getsockname())
                url = "http://127.0.0.1:%d" % listener.getsockname()[1]
                sys.exit(subprocess.call([sys.argv[1], "probe", "--timeout", "1s", url]))
                """
            let words = ["python3", "-c", script, try serverBinary().path]
            let program = try Program(URL(filePath: "/usr/bin/env"), words, outputIn: folder)
            #expect(await program.exitCode() == SysExit.unavailable)
            let told = String(decoding: try program.output, as: UTF8.self)
            #expect(told.contains("did not accept a connection in time"), "\(told)")
            #expect(!told.contains("accepted a connection"), "\(told)")
        }
    }

    @Test("says the same in one document of JSON, and only what failed where it is to be quiet")
    func document() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                let text = try await Outcome.of(["probe", url], in: folder)
                let (code, good) = try await Self.report(["probe", url], in: folder)
                #expect(code == 0)
                #expect(good.url == url)
                #expect(good.outcome == "ok")
                #expect(good.results.count == text.output.split(separator: "\n").count - 1)
                #expect(good.results.allSatisfy { $0.verdict == "ok" && $0.remedy == nil })
                let quiet = try await Outcome.of(["probe", url, "--quiet"], in: folder)
                #expect(quiet.code == 0)
                #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
                #expect(try await Self.report(["probe", url, "--quiet"], in: folder).1.results.isEmpty)

                let missing = ["probe", url, "--module", "/other.wasm"]
                let (missingCode, bad) = try await Self.report(missing, in: folder)
                #expect(missingCode == SysExit.protocolError)
                #expect(bad.outcome == "failed")
                let failed = bad.results.filter { $0.verdict == "failed" }
                #expect(failed.count == 1)
                #expect(failed.first?.remedy?.contains("/plugin.wasm") == true)
                let loud = try await Outcome.of(missing + ["--quiet"], in: folder)
                #expect(loud.code == SysExit.protocolError)
                #expect(loud.output.split(separator: "\n").count == 1)
                #expect(loud.output.hasPrefix("FAILED "))

                let (nobodyCode, nobody) = try await Self.report(["probe", "http://127.0.0.1:1"], in: folder)
                #expect(nobodyCode == SysExit.unavailable)
                #expect(nobody.outcome == "unreachable")
            }
        }
    }

    @Test("says in JSON, too, whether the server beside it is ready")
    func healthDocument() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let operations = try #require(server.operationsAddress.split(separator: ":").last)
                var variables = [
                    "WASM_SERVER_PORT": "\(server.port)", "WASM_SERVER_OPERATIONS_PORT": "\(operations)",
                ]
                let ready = try await Self.report(["probe"], environment: variables, in: folder)
                #expect(ready.0 == 0)
                #expect(ready.1.outcome == "ok")
                #expect(ready.1.url == nil)
                let quiet = try await Outcome.of(["probe", "--quiet"], environment: variables, in: folder)
                #expect(quiet.code == 0)
                #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
                variables["WASM_SERVER_PORT"] = "1"
                let deaf = try await Self.report(["probe"], environment: variables, in: folder)
                #expect(deaf.0 == SysExit.unavailable)
                #expect(deaf.1.outcome == "failed")
                #expect(deaf.1.results.first?.detail.contains("connection refused") == true)
            }
        }
    }

    /// What `--output json` prints.
    private struct Report: Decodable {
        struct Result: Decodable {
            let verdict: String
            let subject: String
            let detail: String
            let remedy: String?
        }

        let url: String?
        let outcome: String
        let results: [Result]
    }

    private static func report(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: URL
    ) async throws -> (Int32, Report) {
        let outcome = try await Outcome.of(arguments + ["--output", "json"], environment: environment, in: folder)
        return (outcome.code, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
    }
}
