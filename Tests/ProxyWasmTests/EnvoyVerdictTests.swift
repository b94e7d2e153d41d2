// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing

/// What real Envoys say of plugins, and what we say; `Verification/verification/admission` says how a line is made.
@Suite("The verdicts of real Envoys")
struct EnvoyVerdictTests {
    /// The hosts, each with the place of its verdict in a line: those between say what one of the two says.
    private static let hosts = [
        ("envoy-1.36", 0), ("envoy-1.37", 0), ("envoy-1.38", 0), ("envoy-1.39", 1), ("envoy-1.40", 1),
    ]

    /// A plugin, with what Envoys say of it.
    private struct Plugin {
        /// `loaded`, or words that say why it is not.
        let verdicts: [Substring]
        /// The rule with which we refuse what Envoys load; `run` where they refuse what it does when it runs.
        let difference: Substring
        let bytes: [UInt8]
        let name: Substring

        init?(_ line: Substring) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 5 else { return nil }
            let digits = Array(fields[3].utf8)
            bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
            }
            (verdicts, difference, name) = (Array(fields[..<2]), fields[2], fields[4])
        }
    }

    /// Our rules for what Envoys say, by the words with which it begins.
    private static let rules: [(words: String, identifiers: Set<String>)] = [
        ("refused: Missing or unknown Proxy-Wasm ABI version", ["abi-version", "core-module"]),
        ("refused: Wasm module is missing malloc function", ["allocator"]),
        ("refused: missing import: ", ["unknown-import", "imported-global"]),
        ("refused: import type mismatch: ", ["import-type"]),
        ("refused: Bad function signature for: ", ["callback-signature"]),
        (
            "refused: Failed to create new Wasm instance",
            ["import-type", "memory", "imported-memory", "segment-bounds", "table"]
        ),
        ("refused: Failed to initialize Wasm code", ["memory", "table"]),
        ("refused: Failed to load Wasm bytecode", ["core-module"]),
        ("refused: Failed to parse corrupted Wasm module", ["core-module", "name-section"]),
        ("ended: unreachable code", ["host-types", "host-names"]),
        ("ended: Illegal instruction", ["table"]),
        ("ended: Segmentation fault", ["memory-export"]),
        ("unsteady", ["imported-memory"]),
    ]

    private static let plugins = Result {
        String(decoding: try Fixture.admission.bytes(), as: UTF8.self).split(separator: "\n").compactMap { Plugin($0) }
    }

    /// Why a plugin is not served; nil if it is.
    private static func refusal(of plugin: Plugin, for host: HostProfile) -> Refusal? {
        guard case .refused(let refusal) = AdmissionPolicy(for: host).judge(plugin.bytes.span) else { return nil }
        return refusal
    }

    @Test("are ours, but for differences that are known", arguments: hosts)
    func verdicts(_ name: String, _ index: Int) throws {
        let host = try #require(HostProfile(named: name))
        let plugins = try Self.plugins.get()
        #expect(plugins.count > 400)
        for plugin in plugins {
            let isLoaded = plugin.verdicts[index] == "loaded"
            let refusal = Self.refusal(of: plugin, for: host)
            let comment: Comment = "\(host), \(plugin.name): \(plugin.verdicts[index]); we: \(refusal?.reason ?? "")"
            switch plugin.difference {
            case "": #expect((refusal == nil) == isLoaded, comment)
            case "run": #expect(refusal == nil && !isLoaded, comment)
            case let rule: #expect(refusal?.rules == [String(rule)] && isLoaded, comment)
            }
        }
    }

    @Test(
        "have reasons that ours name: the rule, and what breaks it",
        arguments: [("envoy-1.36", 0), ("envoy-1.40", 1)]
    )
    func reasons(_ name: String, _ index: Int) throws {
        let host = try #require(HostProfile(named: name))
        for plugin in try Self.plugins.get() where plugin.difference.isEmpty && plugin.verdicts[index] != "loaded" {
            let words = plugin.verdicts[index]
            let refusal = try #require(Self.refusal(of: plugin, for: host), "\(host), \(plugin.name)")
            let comment: Comment = "\(host), \(plugin.name): \(words); we: \(refusal.reason)"
            let rule = try #require(Self.rules.first { words.hasPrefix($0.words) }, comment)
            #expect(!rule.identifiers.isDisjoint(with: refusal.rules), comment)
            guard rule.words.hasSuffix(": ") else { continue }
            let item = words.dropFirst(rule.words.count).prefix { $0 != "," }
            #expect(refusal.reason.contains(item), comment)
        }
    }
}
