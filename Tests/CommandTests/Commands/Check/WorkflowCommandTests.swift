// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing

@testable import wasm_server

/// A line as the runner of GitHub Actions reads it (`ActionCommand.TryParseV2` in actions/runner).
private struct ReadCommand {
    let name: String
    private(set) var properties: [String: String] = [:]
    let data: String

    init?(_ line: String) {
        guard line.hasPrefix("::"), let end = line.dropFirst(2).firstRange(of: "::") else { return nil }
        let head = line[line.index(line.startIndex, offsetBy: 2)..<end.lowerBound]
        let words = head.split(separator: " ", maxSplits: 1)
        name = String(words.first ?? "")
        for pair in (words.dropFirst().first ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard let key = parts.first, let value = parts.dropFirst().first else { continue }
            properties[String(key)] = Self.unescaped(value, ["%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","])
        }
        data = Self.unescaped(line[end.upperBound...], ["%0D": "\r", "%0A": "\n"])
    }

    private static func unescaped(_ text: Substring, _ escapes: [String: String]) -> String {
        escapes.reduce(String(text)) { $0.replacing($1.key, with: $1.value) }.replacing("%25", with: "%")
    }
}

@Suite("What a check tells GitHub Actions")
struct WorkflowCommandTests {
    private func commands(for bytes: [UInt8], named name: String) -> [String] {
        let judgement = Check(hosts: [.newest], isStrict: false).judgement(on: bytes.span)
        return WorkflowCommand.all(for: CheckedFile(name: name, result: .success(judgement))).map(\.line)
    }

    @Test("is an annotation of the file for each finding")
    func annotation() throws {
        let plugin = PluginModule(importing: [("env", "proxy_lgo", .silent(0))])
        let lines = commands(for: plugin.bytes, named: "build/plugin.wasm")
        #expect(lines.count == 1)
        let command = try #require(lines.first.flatMap { ReadCommand($0) })
        #expect(command.name == "error")
        #expect(command.properties == ["file": "build/plugin.wasm", "title": "unknown-import"])
        let place = String(try #require(plugin.offset(of: "env")), radix: 16)
        #expect(command.data.hasPrefix("build/plugin.wasm:0x\(place): imports env.proxy_lgo, "), "\(command.data)")
        #expect(command.data.contains("\nhelp: "))
    }

    @Test("is a warning for what hosts load, and a notice of hosts that would do otherwise")
    func levels() {
        let names = ["proxy_on_request_header"]
        let lines = commands(
            for: PluginModule(importing: [PluginModule.fdPread], exporting: names).bytes,
            named: "a.wasm"
        )
        #expect(lines.map { ReadCommand($0)?.name } == ["warning", "notice"])
    }

    @Test("names no file where standard input is checked")
    func standardInput() throws {
        let command = try #require(commands(for: [], named: "-").first.flatMap { ReadCommand($0) })
        #expect(command.properties == ["title": "core-module"])
    }

    @Test("is read as it was meant, whatever is in names", arguments: ["a,title=b.wasm", "50%:1.wasm", "%0A::x.wasm"])
    func escapes(_ name: String) throws {
        let plugin = PluginModule(importing: [("env", "100%25,::error::\r\n::stop-commands::x", .silent(0))])
        let lines = commands(for: plugin.bytes, named: name)
        #expect(lines.allSatisfy { !$0.contains("\n") && !$0.contains("\r") })
        let command = try #require(lines.first.flatMap { ReadCommand($0) })
        #expect(command.properties == ["file": name, "title": "unknown-import"])
        #expect(command.data.hasPrefix("\(name):0x"), "\(command.data)")
        #expect(command.data.contains("imports env.100%25,::error::"), "\(command.data)")
    }

    @Test("ends with how many files there are of each verdict, and none of their names")
    func summary() {
        let files = [[], PluginModule().bytes, PluginModule().bytes].map { bytes in
            let judgement = Check(hosts: [.newest], isStrict: false).judgement(on: bytes.span)
            return CheckedFile(name: "::error::.wasm", result: .success(judgement))
        }
        #expect(WorkflowCommand.summary(of: files) == "wasm-server check: 2 admitted, 1 rejected")
    }
}
