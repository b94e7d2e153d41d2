// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("What a command prints", .timeLimit(.minutes(5)))
struct StandardOutputTests {
    /// Runs commands of a shell, in which `$server` is the program and `$url` a server; answers their exit code and the errors.
    private func run(_ script: String, asking url: String = "", in folder: URL) async throws -> (Int32, [Substring]) {
        let variables = ["server": try serverBinary().path, "url": url, "folder": folder.path]
        let shell = try Program(
            URL(filePath: "/bin/sh"),
            ["-c", "cd \"$folder\"\n\(script)"],
            environment: variables,
            outputIn: folder
        )
        return (await shell.exitCode(), try shell.errorLines)
    }

    // full(4): every write to it fails as on a disk without space. EX_IOERR (sysexits.h).
    @Test(
        "is complete, or the command fails: half a configuration must not be taken for one",
        arguments: [
            "config --for envoy --url \"$url\"", "probe \"$url\"", "probe \"$url\" --output json",
            "digest /bin/sh", "serve --demo --check", "--version", "--help", "serve --help", "help config",
        ]
    )
    func full(_ command: String) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                let good = try await run("\"$server\" \(command) > /dev/null", asking: url, in: folder)
                #expect(good.0 == 0, "\(good.1)")
                let (code, errors) = try await run("\"$server\" \(command) > /dev/full", asking: url, in: folder)
                #expect(code == 74)
                #expect(errors.count == 1)
                #expect(
                    errors.first?.hasPrefix("wasm-server: standard output: cannot be written (no space left)") == true
                )
            }
        }
    }

    // signal(7): who writes to a pipe that nobody reads is ended by SIGPIPE, which a shell tells as 128 and its number.
    @Test(
        "may be read in part by whoever wants no more: the command ends without a word of it, also where that signal is ignored",
        arguments: [
            "config --for envoy --url \"$url\"", "probe \"$url\"", "probe \"$url\" --output json",
            "fleet \"$operations\"", "digest /bin/sh", "serve --demo --check", "inspect \"$module\"",
            "check \"$module\"", "--version", "--help", "serve --help",
        ]
    )
    func pipe(_ command: String) async throws {
        try await withWasmServer { server in
            try await TemporaryFolder.with { modules in
                let module = try modules.write(WasmModule.plugin, to: "plugin.wasm")
                try await withTemporaryFolder { folder in
                    let (url, operations) = ("http://127.0.0.1:\(server.port)", "http://\(server.operationsAddress)")
                    for trap in ["", "trap '' PIPE;"] {
                        // Whoever reads has gone before anything is printed.
                        let script = """
                            module='\(module)' operations='\(operations)'
                            mkfifo gone 2> /dev/null; (exec 3< gone) & exec 4> gone; wait
                            (\(trap) exec "$server" \(command) >&4)
                            exit $?
                            """
                        let (code, errors) = try await run(script, asking: url, in: folder)
                        #expect(code == 128 + SIGPIPE, "\(errors)")
                        #expect(errors.isEmpty)
                    }
                }
            }
        }
    }

    @Test("that is a server goes on when nobody reads what it has printed")
    func server() async throws {
        try await withTemporaryFolder { folder in
            let (port, operations) = (try await LoopbackNetwork.freePort(), try await LoopbackNetwork.freePort())
            let script = """
                export WASM_SERVER_PORT=\(port) WASM_SERVER_OPERATIONS_PORT=\(operations) WASM_SERVER_HOST=127.0.0.1
                mkfifo gone; (exec 3< gone) & exec 4> gone; wait
                "$server" serve --demo >&4 2> log & process=$!
                until "$server" probe > ready 2>&1 || ! kill -0 $process; do sleep 0.1; done
                kill -INT $process; wait $process
                """
            let (code, errors) = try await run(script, in: folder)
            #expect(code == 0, "\(errors)")
        }
    }
}
