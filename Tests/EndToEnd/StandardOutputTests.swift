// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("What a command prints", .timeLimit(.minutes(5)))
struct StandardOutputTests {
    /// Runs commands of a shell, in which `$server` is the program and `$url` a server; answers their exit code and the errors.
    private func run(_ script: String, asking url: String = "", in folder: URL) async throws -> (Int32, [Substring]) {
        let variables = ["server": try serverBinary().path, "url": url]
        let shell = try Program(URL(filePath: "/bin/sh"), ["-c", script], environment: variables, outputIn: folder)
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

    @Test("may be read in part by whoever wants no more, without a word of it")
    func pipe() async throws {
        try await withTemporaryFolder { folder in
            let (_, errors) = try await run("\"$server\" digest /bin/sh /bin/sh | head -c 1 > /dev/null", in: folder)
            #expect(errors.isEmpty)
        }
    }
}
