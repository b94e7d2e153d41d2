// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("inspect", .timeLimit(.minutes(5)))
struct InspectTests {
    private static let demo = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/wasm-server/Demo/plugin.wasm").path

    private struct Account: Decodable {
        struct Function: Decodable {
            let name: String?
            let size: Int
        }

        struct Functions: Decodable {
            let count: Int
            let largest: [Function]
        }

        struct Section: Decodable {
            let size: Int
        }

        let sha256: String
        let size: Int
        let abi: String
        let functions: Functions
        let sections: [Section]
    }

    @Test("tells of the demo plugin what it is and does")
    func demo() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["inspect", Self.demo], in: folder)
            #expect(outcome.code == 0 && outcome.errors.isEmpty)
            for words in [
                "ABI", "0.2.1", "change headers and trailers", "sees response headers", "proxy_on_response_headers",
            ] {
                #expect(outcome.output.contains(words), "\(outcome.output)")
            }
            #expect(!outcome.output.contains("\u{1b}"))
        }
    }

    @Test("tells scripts the same, whose sizes add up to the file's")
    func json() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["inspect", "--output", "json", "--top", "2", Self.demo], in: folder)
            #expect(outcome.code == 0)
            let account = try JSONDecoder().decode(Account.self, from: Data(outcome.output.utf8))
            let digest = try await Outcome.of(["digest", Self.demo], in: folder)
            #expect(digest.output.hasPrefix(account.sha256))
            #expect(account.size == (try Data(contentsOf: URL(filePath: Self.demo))).count)
            #expect(account.sections.reduce(8) { $0 + $1.size } == account.size)
            #expect(account.functions.largest.count == 2 && account.functions.count > 2)
            #expect(account.abi == "0.2.1")
            #expect(outcome.output.contains("\"changeHeaders\""))
        }
    }

    @Test(
        "reads standard input and pipes",
        arguments: ["cat '$1' | $0 inspect -", "$0 inspect <(cat '$1')", "cat '$1' | $0 inspect '$1' -"]
    )
    func pipes(_ script: String) async throws {
        try await withTemporaryFolder { folder in
            let line = script.replacing("$0", with: "'\(try serverBinary().path)'").replacing("$1", with: Self.demo)
            let shell = try Program(URL(filePath: "/usr/bin/env"), ["bash", "-c", line], outputIn: folder)
            #expect(await shell.exitCode() == 0)
            let output = String(decoding: try shell.output, as: UTF8.self)
            #expect(output.contains("proxy_on_response_headers") || output.contains("The same bytes"))
        }
    }

    @Test("tells what has changed from one build to another")
    func comparison() async throws {
        try await withTemporaryFolder { folder in
            let newer = folder.appending(path: "newer.wasm")
            // A custom section of six bytes.
            try (try Data(contentsOf: URL(filePath: Self.demo)) + [0, 4, 3] + Data("two".utf8)).write(to: newer)
            let outcome = try await Outcome.of(["inspect", Self.demo, newer.path], in: folder)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("+6 B"))
            #expect(outcome.output.contains("new  \"two\""))
            let json = try await Outcome.of(["inspect", "--output", "json", Self.demo, newer.path], in: folder)
            #expect(json.output.contains("\"growth\" : 6"))
        }
    }

    @Test("says of what is no module why, where, and what to do; of what cannot be read, too")
    func failures() async throws {
        try await withTemporaryFolder { folder in
            let (page, cut) = (folder.appending(path: "page.wasm"), folder.appending(path: "cut.wasm"))
            try Data("<html>".utf8).write(to: page)
            try (try Data(contentsOf: URL(filePath: Self.demo))).prefix(100).write(to: cut)
            for (words, code, part) in [
                ([page.path], SysExit.dataError, "is an HTML page"), ([cut.path], SysExit.dataError, "(at byte 100)"),
                ([Self.demo, page.path], SysExit.dataError, "page.wasm"),
                (["\(folder.path)/missing.wasm"], SysExit.noInput, "does not exist"),
                ([folder.path], SysExit.dataError, "is a directory"), (["-", "-"], SysExit.usage, "standard input"),
                (["--top", "0", Self.demo], SysExit.usage, "--top is '0'"), ([], SysExit.usage, "requires <file>"),
                (["--top", "x", Self.demo], SysExit.usage, "--top"), (["a", "b", "c"], SysExit.usage, "'c'"),
            ] as [([String], Int32, String)] {
                let outcome = try await Outcome.of(["inspect"] + words, in: folder)
                #expect(outcome.code == code, "\(words)")
                #expect(outcome.output.isEmpty)
                #expect(outcome.errors.count == 1)
                #expect(outcome.errors.first?.contains(part) == true, "\(outcome.errors)")
            }
        }
    }
}
