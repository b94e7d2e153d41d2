// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import ProxyWasm
import TestSupport
import Testing

@testable import wasm_server

/// The members of SARIF 2.1.0 that consumers read.
private struct ReadLog: Decodable {
    struct Text: Decodable { let text: String }
    struct Rule: Decodable {
        let id: String
        let shortDescription, fullDescription, help: Text
    }
    struct Driver: Decodable {
        let name: String
        let rules: [Rule]
    }
    struct Tool: Decodable { let driver: Driver }
    struct Region: Decodable {
        let startLine, startColumn, endLine, endColumn: Int
        let byteOffset: Int?
    }
    struct Address: Decodable { let absoluteAddress: Int }
    struct Artifact: Decodable {
        let uri: String
        let index: Int?
    }
    struct Place: Decodable {
        let artifactLocation: Artifact
        let region: Region
        let address: Address?
    }
    struct Location: Decodable { let physicalLocation: Place }
    struct Result: Decodable {
        let ruleId: String
        let ruleIndex: Int
        let level: String
        let message: Text
        let locations: [Location]
        let partialFingerprints: [String: String]

        var place: Place? { locations.first?.physicalLocation }
    }
    struct Invocation: Decodable { let executionSuccessful: Bool }
    struct Run: Decodable {
        let tool: Tool
        let invocations: [Invocation]
        let results: [Result]
    }
    let version: String
    let runs: [Run]
}

@Suite("What a check tells code scanning")
struct SARIFLogTests {
    /// The run over modules of these names.
    private func run(over modules: [(String, [UInt8])]) throws -> ReadLog.Run {
        let files = modules.map { name, bytes in
            let judgement = Check(hosts: [.newest], isStrict: false).judgement(on: bytes.span)
            return CheckedFile(name: name, result: .success(judgement))
        }
        let text = JSONDocument.text(of: SARIFLog(of: files, version: "1.2.3"))
        let log = try JSONDecoder().decode(ReadLog.self, from: Data(text.utf8))
        #expect(log.version == "2.1.0")
        return try #require(log.runs.first)
    }

    private let misspelt = PluginModule(importing: [("env", "proxy_lgo", .silent(0))])

    @Test("has every rule, with the texts that code scanning requires")
    func rules() throws {
        let rules = try run(over: []).tool.driver.rules
        #expect(rules.map(\.id) == ["core-module"] + AdmissionPolicy.standardRules.map(\.identifier))
        for rule in rules {
            for text in [rule.shortDescription.text, rule.fullDescription.text, rule.help.text] {
                #expect((1...1024).contains(text.utf8.count))
            }
        }
    }

    @Test("has each finding with its rule, its level, its place and a fingerprint")
    func results() throws {
        let names = ["proxy_on_request_header"]
        let warned = PluginModule(importing: [PluginModule.fdPread], exporting: names)
        let run = try run(over: [("a b/plugin.wasm", misspelt.bytes), ("./b:c.wasm", warned.bytes)])
        #expect(run.results.map(\.level) == ["error", "warning", "note"])
        #expect(run.results.map(\.ruleId) == ["unknown-import", "uncalled-callback", "unknown-import"])
        // RFC 3986 §3.3: a space is escaped, and a relative path may not have a colon in its first segment.
        #expect(run.results.map(\.place?.artifactLocation.uri) == ["a%20b/plugin.wasm", "b%3Ac.wasm", "b%3Ac.wasm"])
        for result in run.results {
            #expect(run.tool.driver.rules[result.ruleIndex].id == result.ruleId)
            #expect(result.partialFingerprints["primaryLocationLineHash"]?.isEmpty == false)
            // §3.30.4: text and bytes would have to tell one place.
            #expect(result.place?.region.startLine == 1 && result.place?.region.byteOffset == nil)
        }
        #expect(run.results.first?.place?.address?.absoluteAddress == misspelt.offset(of: "env"))
    }

    @Test(
        "says of an absolute path that it is a file, and of no other",
        arguments: [
            ("/a/ü.wasm", "file:///a/%C3%BC.wasm"), ("//a.wasm", "file:///a.wasm"), ("a.wasm", "a.wasm"),
            ("./a.wasm", "a.wasm"), (".//a.wasm", "a.wasm"), ("././/b//./a.wasm", "b/a.wasm"),
            ("../a.wasm", "../a.wasm"),
        ]
    )
    func uri(_ path: String, _ uri: String) {
        #expect(SARIFLog.uri(of: path) == uri)
    }

    @Test("has the same fingerprint for another build, and another for something else")
    func fingerprints() throws {
        func prints(_ plugin: PluginModule) throws -> [String?] {
            try run(over: [("a.wasm", plugin.bytes)]).results.map { $0.partialFingerprints["primaryLocationLineHash"] }
        }
        let moved = PluginModule(importing: [
            ("env", "proxy_done", .words(0)), ("env", "proxy_lgo", .silent(0)),
        ])
        #expect(try prints(moved) == prints(misspelt))
        let several = try prints(PluginModule(importing: ["x", "y1", "y2"].map { ("env", $0, .silent(0)) }))
        #expect(several.count == 3 && Set(several).count == 3)
    }

    @Test("takes nothing in a name for a placeholder or a link (§3.11.5, §3.11.6)")
    func hostile() throws {
        let plugin = PluginModule(importing: [("env", "{0}[x](http://example.com)\u{1b}", .silent(0))])
        let message = try #require(try run(over: [("a.wasm", plugin.bytes)]).results.first?.message.text)
        #expect(message.contains(#"{{0}}\[x\](http"#), "\(message)")
        #expect(!message.contains("\u{1b}"))
    }

    @Test("says that a file could not be read, beside what was found in others")
    func unreadable() throws {
        var files: [CheckedFile] = []
        Check(hosts: [.newest], isStrict: false).run(on: "/nowhere/a.wasm") { files.append($0) }
        let text = JSONDocument.text(of: SARIFLog(of: files, version: "1.2.3"))
        let log = try JSONDecoder().decode(ReadLog.self, from: Data(text.utf8))
        #expect(log.runs.first?.invocations.first?.executionSuccessful == false)
        #expect(log.runs.first?.results.isEmpty == true)
    }
}
