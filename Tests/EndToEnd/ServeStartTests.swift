// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// What `serve` says of its sources, its certificate and its ports before it serves, or with `--check`.
@Suite("`serve`, as it starts", .timeLimit(.minutes(5)))
struct ServeStartTests {
    private static let module = Data(WasmModule.plugin)

    @Test("does not start where a module, once replaced, would be lost for want of memory")
    func noRoomToKeep() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "plugin.wasm")
            try Self.module.write(to: file)
            let flags = ["--port", "0", "--operations-port", "0", "--log-level", "error", "--retain-memory", "1"]
            let outcome = try await Outcome.of(["serve", file.path] + flags, in: folder)
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.count == 1)
            for word in ["1 byte", "\(Self.module.count)", "--retain-memory", "--retain 0"] {
                #expect(outcome.errors.first?.contains(word) == true, "\(outcome.errors)")
            }
            let check = try await Outcome.of(["serve", "--check", file.path] + flags + ["--retain", "0"], in: folder)
            #expect(check.code == 0)
        }
    }

    @Test(
        "ends where /proc is not mounted, from which Swift has its arguments, and says so",
        .enabled(if: NetworkNamespace.canBeMade, "namespaces need root, or a system that lets users make them"),
        arguments: ["serve --demo", "--version", ""]
    )
    func noProc(_ words: String) async throws {
        let script = "exec unshare --mount sh -euc 'mount -t tmpfs none /proc; exec \"$SERVER\" \(words)'"
        let result = try await NetworkNamespace.loopbackOnly.run(
            script,
            environment: ["SERVER": try serverBinary().path]
        )
        #expect(result.status == SysExit.systemError)
        #expect(result.output.contains("wasm-server: /proc is not mounted"), "\(result.output)")
        #expect(result.output.contains("mount -t proc proc /proc"), "\(result.output)")
    }

    @Test("does not take for a port what Kubernetes puts beside a Service named wasm-server")
    func serviceLink() async throws {
        try await withTemporaryFolder { folder in
            let link = ["WASM_SERVER_PORT": "tcp://10.0.0.1:8082", "WASM_SERVER_OPERATIONS_PORT": "udp://10.0.0.1:1"]
            let outcome = try await Outcome.of(["serve", "--demo", "--check"], environment: link, in: folder)
            #expect(outcome.code == 0)
        }
    }

    @Test(
        "rejects a configuration file, and says where and why",
        arguments: [
            ("port: [", ["line 1", "close brackets"]), ("- port", ["mapping"]),
            ("prot: 8082", ["line 1", "'prot'", "did you mean 'port'", "operations-port"]),
            ("\nport: http", ["'port'", "'http'"]), ("port:\n  a: 1", ["line 1", "'port'"]),
            ("sources: one.wasm", ["'sources'", "list"]), ("log-level: 3", ["'log-level'", "'3'"]),
            ("text", ["mapping"]),
            ("port: 1\nport: 2", ["port"]), ("sources: []", ["'sources'", "empty"]),
        ]
    )
    func badFiles(_ text: String, _ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "config.yaml")
            try Data(text.utf8).write(to: file)
            let outcome = try await Outcome.of(["serve", "--check", "--config", file.path], in: folder)
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.count == 1)
            for word in words + [file.path] {
                #expect(outcome.errors.first?.contains(word) == true, "\(outcome.errors)")
            }
        }
    }

    @Test("without a source and without the default one says what to do")
    func nothingToServe() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["serve", "--check"], in: folder)
            #expect(outcome.code == SysExit.noInput)
            #expect(outcome.errors.count == 1)
            #expect(outcome.errors.first?.contains("/wasm/plugin.wasm") == true)
            #expect(outcome.errors.first?.contains("--demo") == true)
        }
    }

    @Test(
        "rejects a lone source before any port is open, with a number that says why",
        arguments: [
            ("missing", SysExit.noInput), ("html", SysExit.dataError), ("empty", SysExit.dataError),
            ("folder", SysExit.dataError),
        ]
    )
    func badSource(_ kind: String, _ code: Int32) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "\(kind).wasm")
            switch kind {
            case "html": try Data("<html>".utf8).write(to: file)
            case "empty": try Data().write(to: file)
            case "folder": try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            default: break
            }
            let outcome = try await Outcome.of(
                ["serve", file.path, "--port", "0", "--operations-port", "0", "--log-level", "error"],
                in: folder
            )
            #expect(outcome.code == code)
            #expect(outcome.errors.count == 1)
            #expect(outcome.errors.first?.contains(file.path) == true)
        }
    }

    @Test("judges the certificate with --check, too")
    func checkCertificate() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "tls.pem")
            try Data("no certificate".utf8).write(to: file)
            let flags = ["--tls-certificate", file.path, "--tls-key", file.path]
            let outcome = try await Outcome.of(["serve", "--demo", "--check"] + flags, in: folder)
            #expect(outcome.code == SysExit.configuration)
            #expect(outcome.errors.joined().contains(file.path))
            #expect(outcome.output.isEmpty)
        }
    }

    @Test("reports on every source with --check, and fails if one is rejected")
    func check() async throws {
        try await withTemporaryFolder { folder in
            let good = folder.appending(path: "good.wasm")
            let bad = folder.appending(path: "bad.wasm")
            try Self.module.write(to: good)
            try Data("<html>".utf8).write(to: bad)
            let all = try await Outcome.of(["serve", "--check", good.path], in: folder)
            #expect(all.code == 0)
            let sum = try await CommandLineTool.require(["sha256sum", good.path]).prefix(64)
            #expect(all.output.contains(sum))
            let one = try await Outcome.of(["serve", "--check", good.path, bad.path], in: folder)
            #expect(one.code == SysExit.dataError)
            #expect(one.output.contains("admitted"))
            #expect(one.errors.count == 1)
            #expect(one.errors.first?.contains(bad.path) == true)
        }
    }

    @Test("says which port is in use")
    func portInUse() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let port = "\(server.port)"
                let arguments = ["serve", "--demo", "--host", "127.0.0.1", "--port", port, "--operations-port", "0"]
                let outcome = try await Outcome.of(arguments + ["--log-level", "error"], in: folder)
                #expect(outcome.code == SysExit.unavailable)
                #expect(outcome.errors.count == 1)
                #expect(outcome.errors.first?.contains(port) == true)
                #expect(outcome.errors.first?.contains("in use, perhaps by another wasm-server;") == true)
                #expect(outcome.errors.first?.contains("--port") == true)
            }
        }
    }

    @Test("names every port that is in use, as whoever has one most likely has all")
    func portsInUse() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let operationsPort = try #require(server.operationsAddress.split(separator: ":").last)
                let ports = ["--port", "\(server.port)", "--operations-port", "\(operationsPort)"]
                let arguments = ["serve", "--demo", "--host", "127.0.0.1", "--log-level", "error"] + ports
                let outcome = try await Outcome.of(arguments, in: folder)
                #expect(outcome.code == SysExit.unavailable)
                #expect(outcome.errors.count == 2)
                #expect(outcome.errors.first?.contains("--operations-port: cannot listen on ") == true)
                let data = "--port: cannot listen on 127.0.0.1, port \(server.port): "
                #expect(outcome.errors.last?.contains(data) == true)
            }
        }
    }

    @Test("tells a person what to try next, at once, even where nobody reads it on a terminal, and below the log")
    func welcome() async throws {
        try await withTemporaryFolder { folder in
            let arguments = ["serve", "--demo", "--host", "127.0.0.1", "--port", "0", "--operations-port", "0"]
            // As on a terminal, both are seen in one place.
            let together = ["-c", "exec \"$0\" \"$@\" 2>&1", try serverBinary().path] + arguments
            let program = try Program(URL(filePath: "/bin/sh"), together + ["--log-format", "text"], outputIn: folder)
            do {
                let text = try await eventually("the next command to try") {
                    try await program.requireRunning()
                    let text = String(decoding: try program.output, as: UTF8.self)
                    return text.contains("Stop: Ctrl-C") ? text : nil
                }
                #expect(text.contains("| sha256sum"))
                #expect(text.contains("  a page, probes and metrics"))
                let parts = text.split(separator: "Serving, verified:")
                #expect(parts.count == 2 && parts[0].contains(" ready ") && !parts[1].contains(" listening "))
                #expect(await program.stop() == 0)
            } catch {
                await program.stop()
                throw error
            }
        }
    }
}
