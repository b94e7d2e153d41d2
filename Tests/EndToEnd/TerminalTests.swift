// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// `make` and the scripts, in terminals that are set up for something else.
@Suite("In anybody's terminal", .timeLimit(.minutes(5)))
struct TerminalTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// What would break a build, or change what comes of it: SwiftPM takes CC for a clang, and GIT_DIR is set in hooks.
    private static let hostile = [
        "CC": "gcc", "CPATH": "/nonexistent", "CCC_OVERRIDE_OPTIONS": "# +-nonsense", "SDKROOT": "/nonexistent",
        "SWIFT_EXEC": "/bin/false", "CDPATH": ".:/tmp", "GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent",
        "PYTHONPATH": "/nonexistent", "PYTHONSAFEPATH": "1", "TAR_OPTIONS": "--verbose", "ZSTD_NBTHREADS": "4",
        "ARGS": "--bogus", "MODULE": "/nonexistent", "LC_ALL": "", "POSIXLY_CORRECT": "1", "BASH_ENV": "/nonexistent",
    ]

    @Test("recipes of make see none of what would change what they make, and what leads to the network")
    func recipes() async throws {
        let show = "show:; @env; echo \"given: $(ARGS)$(MODULE)\""
        let result = try await CommandLineTool.run(
            ["make", "--directory", Self.root.path, "--no-print-directory", "--eval", show, "show"],
            environment: PlainEnvironment.variables.merging(Self.hostile) { $1 }
                .merging(["https_proxy": "http://proxy.example:3128"]) { $1 }
        )
        #expect(result.status == 0)
        let lines = Set(result.output.split(separator: "\n").map(String.init))
        for (name, value) in Self.hostile { #expect(!lines.contains("\(name)=\(value)"), "\(name)") }
        #expect(lines.contains("given: "))
        #expect(lines.contains("https_proxy=http://proxy.example:3128"))
    }

    @Test("targets of make are made one after another, whatever MAKEFLAGS says")
    func order() async throws {
        let targets = "one:; @sleep 0.2; echo one\ntwo:; @echo two"
        let result = try await CommandLineTool.run(
            ["make", "--directory", Self.root.path, "--no-print-directory", "--eval", targets, "one", "two"],
            environment: PlainEnvironment.variables.merging(["MAKEFLAGS": "-j4"]) { $1 }
        )
        #expect(result.output == "one\ntwo\n")
    }

    @Test("sources keep their ends of lines where git is told to change them")
    func endsOfLines() async throws {
        try await TemporaryFolder.with { folder in
            let script = try Data(contentsOf: Self.root.appending(path: "Scripts/version"))
            try folder.write(Array(script), to: "checkout/Scripts/version")
            let attributes = try Data(contentsOf: Self.root.appending(path: ".gitattributes"))
            try folder.write(Array(attributes), to: "checkout/.gitattributes")
            let commands = """
                git init --quiet && git add --all && rm Scripts/version
                git -c core.autocrlf=true checkout --quiet -- Scripts/version
                """
            let result = try await CommandLineTool.run(
                ["env", "--chdir", folder.path("checkout"), "bash", "-c", commands],
                environment: PlainEnvironment.variables.merging(["GIT_CONFIG_GLOBAL": "/dev/null"]) { $1 }
            )
            #expect(result.status == 0, "\(result.output)")
            #expect(try Data(contentsOf: URL(filePath: folder.path("checkout/Scripts/version"))) == script)
        }
    }

    @Test("scripts that are run by themselves say the same as ever", arguments: ["version", "list-files"])
    func scripts(_ name: String) async throws {
        let command = ["env", "--chdir", Self.root.path, "Scripts/\(name)"]
        let usual = try await CommandLineTool.run(command)
        #expect(usual.status == 0)
        #expect(!usual.output.isEmpty)
        let hostile = try await CommandLineTool.run(
            command,
            environment: PlainEnvironment.variables.merging(Self.hostile) { $1 }
        )
        #expect(hostile.output == usual.output)
    }
}
