// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("A server that is told to end", .serialized, .timeLimit(.minutes(5)))
struct ShutdownTests {
    /// The versions of the protocol, as curl is told of them.
    private static let protocols = ["--http1.1", "--http2-prior-knowledge"]

    @Test("goes on where it is asked to reopen its log, and says that there is none to reopen")
    func reopening() async throws {
        try await withWasmServer { server in
            server.send(SIGUSR1)
            try await server.logLine("SIGUSR1 is ignored: logs go to standard error, which needs no reopening")
            #expect(try await server.isReady())
        }
    }

    @Test("is not ready at once, finishes the download under way, and ends with 0", arguments: protocols)
    func download(_ version: String) async throws {
        try await withTemporaryFolder { folder in
            let module = try Self.writeModule(to: folder)
            try await withWasmServer(serving: module.path) { server in
                let (curl, received) = try await Self.beginDownload(version, "8M", from: server, in: folder)
                server.terminate()
                try await eventually("the server to say that it is not ready") {
                    try await server.isReady() ? nil : ()
                }
                #expect(await curl.exitCode() == 0)
                let original = try Data(contentsOf: module)
                #expect(try Data(contentsOf: received) == original)
                #expect(await server.exitCode() == 0)
            }
        }
    }

    @Test("goes on for the drain delay: who has not heard of it yet is answered")
    func drainDelay() async throws {
        try await withWasmServer(with: ["--drain-delay", "3s"]) { server in
            let sha256 = try await server.announcedDigest()
            server.terminate()
            try await eventually("the server to say that it is not ready") {
                try await server.isReady() ? nil : ()
            }
            #expect(try await server.announcedDigest() == sha256)
            #expect(await server.exitCode() == 0)
        }
    }

    @Test(
        "does not keep whoever presses Ctrl-C waiting for the drain delay, and finishes the download under way",
        arguments: protocols
    )
    func interrupt(_ version: String) async throws {
        try await withTemporaryFolder { folder in
            let module = try Self.writeModule(to: folder)
            try await withWasmServer(serving: module.path, with: ["--drain-delay", "1h"]) { server in
                let (curl, received) = try await Self.beginDownload(version, "8M", from: server, in: folder)
                server.send(SIGINT)
                #expect(await server.exitCode() == 0)
                #expect(await curl.exitCode() == 0)
                let original = try Data(contentsOf: module)
                #expect(try Data(contentsOf: received) == original)
            }
        }
    }

    @Test(
        "tells a person what it is waiting for, and how to end it, whatever is logged",
        arguments: [
            (SIGINT, "1h", "wasm-server: stopping; "),
            (SIGTERM, "1ms", "wasm-server: stopping in 1ms (--drain-delay); "),
        ]
    )
    func farewell(_ signal: Int32, _ delay: String, _ words: String) async throws {
        try await withTemporaryFolder { folder in
            let listening = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"]
            let logging = ["--log-format", "text", "--log-level", "critical"]
            let program = try Program(
                try serverBinary(),
                ["serve", "--demo", "--drain-delay", delay] + listening + logging,
                outputIn: folder
            )
            do {
                try await eventually("the server to be ready") {
                    try await program.requireRunning()
                    return try program.output.isEmpty ? nil : ()
                }
            } catch {
                await program.stop()
                throw error
            }
            program.send(signal)
            #expect(await program.exitCode() == 0)
            let lines = try program.errorLines
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix(words) == true, "\(lines)")
            #expect(
                lines.first?.contains("downloads under way get 30s (--drain-timeout). Ctrl-C again ends at once.")
                    == true
            )
        }
    }

    @Test("is not ended by SIGHUP")
    func hangup() async throws {
        try await withWasmServer { server in
            server.send(SIGHUP)
            _ = try await server.logLine("SIGHUP: checking all files")
            #expect(try await server.isReady())
        }
    }

    @Test("ends at once when it is told again", arguments: protocols)
    func secondSignal(_ version: String) async throws {
        try await withTemporaryFolder { folder in
            let module = try Self.writeModule(to: folder)
            // 128 and the number of SIGTERM, as shells report it.
            try await withWasmServer(serving: module.path, endingWith: 143) { server in
                let (curl, _) = try await Self.beginDownload(version, "100k", from: server, in: folder)
                server.terminate()
                try await eventually("the server to say that it is not ready") {
                    try await server.isReady() ? nil : ()
                }
                server.terminate()
                #expect(await server.exitCode() == 143)
                await curl.stop()
            }
        }
    }

    /// A module that no socket holds whole: 24 MiB.
    private static func writeModule(to folder: URL) throws -> URL {
        let file = folder.appending(path: "plugin.wasm")
        try Data(WasmModule.ofSize(24 << 20)).write(to: file)
        return file
    }

    private static func beginDownload(
        _ version: String,
        _ rate: String,
        from server: WasmServer,
        in folder: URL
    ) async throws -> (Program, URL) {
        let received = folder.appending(path: "received")
        let arguments = ["curl", "--disable", "--silent", version, "--limit-rate", rate, "--output", received.path]
        let curl = try Program(
            URL(filePath: "/usr/bin/env"),
            arguments + ["http://127.0.0.1:\(server.port)/plugin.wasm"],
            outputIn: folder
        )
        try await eventually("the download to begin") {
            (try? Data(contentsOf: received).isEmpty) == false ? () : nil
        }
        return (curl, received)
    }
}
