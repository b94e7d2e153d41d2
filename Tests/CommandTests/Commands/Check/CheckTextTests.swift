// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing

@testable import wasm_server

@Suite("What a check tells a person")
struct CheckTextTests {
    private func lines(
        of bytes: [UInt8],
        named name: String = "plugin.wasm",
        for hosts: String = "envoy-1.40",
        isStrict: Bool = false
    ) throws -> [String] {
        let choice = try #require(HostChoice(argument: hosts))
        let check = Check(hosts: choice.hosts, isStrict: isStrict)
        return CheckText(of: CheckedFile(name: name, result: .success(check.judgement(on: bytes.span)))).lines
    }

    @Test("is one line where nothing is wrong: for whom it is, and what it is")
    func admitted() throws {
        let bytes = PluginModule(importing: [("env", "proxy_done", .words(0))]).bytes
        let facts = "(ABI 0.2.1, 1 import, \(bytes.count) B)"
        #expect(try lines(of: bytes) == ["plugin.wasm: admitted for envoy-1.40 \(facts)"])
        #expect(try lines(of: bytes, for: "wasm") == ["plugin.wasm: valid WebAssembly \(facts)"])
    }

    @Test("is what is wrong and where, what to do, and what it comes to")
    func rejected() throws {
        let plugin = PluginModule(importing: [("env", "proxy_lgo", .silent(0))])
        let place = String(try #require(plugin.offset(of: "env")), radix: 16)
        let lines = try lines(of: plugin.bytes)
        #expect(lines.count == 3)
        #expect(
            lines.first
                == "plugin.wasm:0x\(place): error[unknown-import]: imports env.proxy_lgo, which no host offers; did you mean env.proxy_log?"
        )
        #expect(lines.dropFirst().first?.hasPrefix("  help: link it with the library") == true, "\(lines)")
        #expect(lines.last == "plugin.wasm: rejected for envoy-1.40: 1 error")
    }

    @Test("tells of hosts that were not asked for, if they would do otherwise")
    func others() throws {
        let bytes = PluginModule(importing: [PluginModule.fdPread]).bytes
        let newest = try lines(of: bytes)
        #expect(newest.count == 2)
        #expect(
            newest.first
                == "plugin.wasm: note: envoy-1.38, envoy-1.37 and envoy-1.36 would not load it: unknown-import; see --for envoy-1.38"
        )
        let oldest = try lines(of: bytes, for: "envoy-1.36")
        #expect(oldest.contains("plugin.wasm: note: envoy-1.40 and envoy-1.39 would load it"), "\(oldest)")
        #expect(oldest.last == "plugin.wasm: rejected for envoy-1.36: 1 error")
    }

    @Test("says once what is wrong for several hosts, and for which of them")
    func severalHosts() throws {
        let hosts = "envoy-1.40,envoy-1.39,envoy-1.38,envoy-1.37,envoy-1.36"
        let lines = try lines(of: PluginModule(importing: [PluginModule.fdPread]).bytes, for: hosts)
        #expect(lines.count == 4, "\(lines)")
        #expect(lines.first?.hasSuffix("(envoy-1.38, envoy-1.37 and envoy-1.36)") == true, "\(lines)")
        #expect(lines.dropFirst(2).first?.hasPrefix("plugin.wasm: admitted for envoy-1.40 and envoy-1.39 (") == true)
        #expect(lines.last == "plugin.wasm: rejected for envoy-1.38, envoy-1.37 and envoy-1.36: 1 error")
    }

    @Test(
        "names all hosts where what is told names one",
        arguments: ["envoy-1.36,istio-1.30", "istio-1.30,envoy-1.36"]
    )
    func everyHost(_ hosts: String) throws {
        let lines = try lines(of: PluginModule(importing: [PluginModule.fdPread]).bytes, for: hosts)
        let names = hosts.replacing(",", with: " and ")
        #expect(lines.first?.hasSuffix(" (\(names))") == true, "\(lines)")
        #expect(lines.last == "plugin.wasm: rejected for \(names): 1 error")
        let missing = PluginModule(importing: [("env", "proxy_lgo", .silent(0))])
        let same = try self.lines(of: missing.bytes, for: hosts)
        #expect(same.first?.hasSuffix("did you mean env.proxy_log?") == true, "\(same)")
    }

    @Test("counts everything that is wrong, though it does not tell of each")
    func counts() throws {
        let plugin = PluginModule(importing: (0..<300).map { ("env", "unknown_\($0)", .silent(0)) })
        let lines = try lines(of: plugin.bytes)
        #expect(lines.count < 30)
        #expect(lines.last == "plugin.wasm: rejected for envoy-1.40: 300 errors")
    }

    @Test("is of hosts, or of none, and not of both", arguments: [["wasm,envoy-1.40"], ["all", "wasm"]])
    func hostsAndNone(_ lists: [String]) throws {
        let choices = try lists.map { try #require(HostChoice(argument: $0)) }
        let failure = try #require(throws: CommandFailure.self) { try HostChoice.hosts(in: choices) }
        #expect(failure.status == .usage)
        #expect(failure.message.contains("'wasm'") && failure.message.contains("'envoy-1.40'"), "\(failure.message)")
    }

    @Test("warns of what hosts load, which is an error where warnings are errors")
    func warnings() throws {
        let bytes = PluginModule(importing: [], exporting: ["proxy_on_request_header"]).bytes
        let lenient = try lines(of: bytes)
        #expect(lenient.first?.contains(": warning[uncalled-callback]: ") == true, "\(lenient)")
        #expect(lenient.last?.hasPrefix("plugin.wasm: admitted for envoy-1.40 with 1 warning (") == true, "\(lenient)")
        let strict = try lines(of: bytes, isStrict: true)
        #expect(strict.first?.contains(": error[uncalled-callback]: ") == true, "\(strict)")
        #expect(strict.last == "plugin.wasm: rejected for envoy-1.40: 1 error")
    }

    @Test("says what is there in a module's place", arguments: ["envoy-1.40", "wasm", "all"])
    func noModule(_ hosts: String) throws {
        let lines = try lines(of: Array("<!doctype html>".utf8), for: hosts)
        #expect(lines.first?.hasPrefix("plugin.wasm: error[core-module]: is an HTML page") == true, "\(lines)")
        #expect(lines.count == 3)
    }

    @Test("lets nothing of a module or a name make a line of its own, or steer a terminal")
    func hostile() throws {
        let plugin = PluginModule(importing: [("env", "a\u{1b}[31m\nplugin.wasm: admitted\u{202e}", .silent(0))])
        for line in try lines(of: plugin.bytes, named: "a\nb\u{1b}.wasm") {
            #expect(line.unicodeScalars.allSatisfy { !"\n\u{1b}\u{202e}".unicodeScalars.contains($0) }, "\(line)")
        }
    }
}
