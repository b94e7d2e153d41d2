// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

@testable import ModuleInspection

@Suite("The comparison of two modules")
struct ModuleComparisonTests {
    private static func comparison(_ old: [UInt8], _ new: [UInt8]) throws -> ModuleComparison {
        ModuleComparison(from: try ModuleInspection(of: old.span), to: try ModuleInspection(of: new.span))
    }

    @Test("of a module with itself finds nothing")
    func same() throws {
        let bytes = PluginModule.bytes(names: [(2, "a::b")])
        let comparison = try Self.comparison(bytes, bytes)
        #expect(comparison.sections.isEmpty && comparison.functions.isEmpty && comparison.owners.isEmpty)
        #expect(comparison.imports.gained.isEmpty && comparison.imports.lost.isEmpty)
        #expect(comparison.exports.gained.isEmpty && comparison.exports.lost.isEmpty)
        #expect(comparison.facts.isEmpty)
        #expect(comparison.size.growth == 0)
    }

    @Test("finds functions by their names, whatever a crate's hash is: those that are new, gone, larger and smaller")
    func functions() throws {
        let old = [(1, "_RNvCs1234_1a5small"), (2, "_RNvCs1234_1a4gone"), (3, "_RNvCs1234_1a5large")]
        let new = [(1, "_RNvCs99_1a5large"), (2, "_RNvCs99_1b3new"), (3, "_RNvCs99_1a5small")]
        let comparison = try Self.comparison(PluginModule.bytes(names: old), PluginModule.bytes(names: new))
        // The bodies of functions 1 to 3 have 2, 7 and 12 bytes.
        #expect(comparison.functions.map(\.name) == ["a::large", "a::small", "a::gone", "b::new"])
        #expect(comparison.functions.map(\.old) == [12, 2, 7, nil])
        #expect(comparison.functions.map(\.new) == [2, 12, nil, 7])
        #expect(comparison.owners.map(\.name) == ["a", "b"])
        #expect(comparison.owners.map(\.growth) == [-7, 7])
    }

    @Test("finds what is taken from the host and given to it, and what the modules say of themselves")
    func interface() throws {
        let old = PluginModule.bytes(abi: "proxy_abi_version_0_2_0")
        let new = PluginModule.bytes(imported: "proxy_http_call", custom: [("producers", PluginModule.producers)])
        let comparison = try Self.comparison(old, new)
        #expect(comparison.imports.gained == ["env.proxy_http_call"])
        #expect(comparison.imports.lost == ["env.proxy_log"])
        #expect(comparison.exports.gained == ["proxy_abi_version_0_2_1"])
        #expect(comparison.exports.lost == ["proxy_abi_version_0_2_0"])
        #expect(comparison.facts.map(\.subject) == ["ABI", "made with"])
        #expect(comparison.facts.map(\.new) == ["0.2.1", "Rust, rustc 1.98.1"])
        #expect(comparison.sections.contains { $0.name == "\"producers\"" && $0.old == nil })
    }
}
