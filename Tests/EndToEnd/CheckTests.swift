// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("A check of modules", .timeLimit(.minutes(5)))
struct CheckTests {
    /// What Envoy loads (EnvoyRunsThePluginTests).
    private static func plugin() throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: root.appending(path: "Sources/wasm-server/Demo/plugin.wasm")))
    }

    /// The same with an import that no host offers.
    private static func badPlugin() throws -> [UInt8] {
        var bytes = try plugin()
        let name = try #require(bytes.firstRange(of: Array("proxy_add_header_map_value".utf8)))
        bytes[name.upperBound - 1] = UInt8(ascii: "_")
        return bytes
    }

    /// Runs a line of a shell in a folder with `good.wasm`, `bad.wasm` and `modules/`; `$0` is the program.
    private func run(_ line: String) async throws -> (code: Int32, output: String, errors: [Substring]) {
        try await TemporaryFolder.with { folder in
            for name in ["good.wasm", "modules/good.wasm"] { _ = try folder.write(try Self.plugin(), to: name) }
            _ = try folder.write(try Self.badPlugin(), to: "bad.wasm")
            let words = ["bash", "-c", "cd '\(folder.path)' && \(line)", try serverBinary().path]
            let shell = try Program(
                URL(filePath: "/usr/bin/env"),
                words,
                outputIn: URL(filePath: folder.path)
            )
            let code = await shell.exitCode()
            return (code, String(decoding: try shell.output, as: UTF8.self), try shell.errorLines)
        }
    }

    // 1 is what compilers and linters end with, 66 is EX_NOINPUT and 74 EX_IOERR in sysexits.h.
    @Test(
        "ends with a number that says how it went: that of what could not be read before that of what is rejected",
        arguments: [
            ("$0 check good.wasm", 0), ("$0 check modules good.wasm", 0), ("$0 check - < good.wasm", 0),
            ("cat good.wasm | $0 check -", 0), ("$0 check <(cat good.wasm)", 0), ("$0 check bad.wasm", 1),
            ("$0 check good.wasm bad.wasm", 1), ("$0 check - < bad.wasm", 1), ("$0 check .", 1),
            ("$0 check --for wasm bad.wasm", 0), ("$0 check none.wasm bad.wasm good.wasm", 66), ("$0 check - <&-", 66),
            ("mkdir empty && $0 check empty", 66), ("$0 check bad.wasm > /dev/full", 74),
            ("$0 check good.wasm --output json > /dev/full", 74),
            // More than the 256 MiB that any gateway takes; nothing of it is on the disk.
            ("truncate -s 268435457 large.wasm && $0 check large.wasm", 1), ("$0 check - < /dev/zero", 1),
        ] as [(String, Int32)]
    )
    func status(_ line: String, _ code: Int32) async throws {
        for format in ["text", "json", "sarif", "github"] where !line.contains("--output") && !line.contains("zero") {
            let result = try await run(line.replacing("$0 check", with: "$0 check --output \(format)"))
            #expect(result.code == code, "\(format): \(result.output) \(result.errors)")
            #expect(result.errors.count <= 1)
        }
        let result = try await run(line)
        #expect(result.code == code, "\(result.output) \(result.errors)")
    }

    @Test("tells what is wrong on standard output, and what it could not read on standard error")
    func streams() async throws {
        let result = try await run("$0 check none.wasm bad.wasm good.wasm")
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.contains(/^bad\.wasm:0x[0-9a-f]+: error\[unknown-import\]: imports env\.proxy_/) == true)
        #expect(lines.last?.hasPrefix("good.wasm: admitted for envoy-1.40 (ABI 0.2.1, 1 import, 361 B)") == true)
        #expect(result.errors == ["wasm-server: none.wasm: does not exist; check the path and the mount"])
    }

    @Test("prints one document, which JSON parsers read", arguments: ["json", "sarif"])
    func document(_ format: String) async throws {
        let result = try await run("$0 check --output \(format) none.wasm bad.wasm good.wasm 2>/dev/null")
        let parsed = try await CommandLineTool.run(["python3", "-m", "json.tool"], input: result.output)
        #expect(parsed.status == 0, "\(parsed.output)")
    }
}
