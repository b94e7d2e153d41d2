// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ModuleCatalog
import TestSupport
import Testing

@Suite("A module's path")
struct ModulePathTests {
    @Test(
        "tells a name and, in the layout of Higress' plugin server, a version",
        arguments: [
            ("plugin.wasm", "plugin", nil),
            ("rate/limit.wasm", "rate/limit", nil),
            ("ai-proxy/1.0.0/plugin.wasm", "ai-proxy", "1.0.0"),
            ("plugins/ai-proxy/1.0.0/plugin.wasm", "plugins/ai-proxy", "1.0.0"),
            ("ai-proxy/plugin.wasm", "ai-proxy/plugin", nil),
        ]
    )
    func nameAndVersion(_ text: String, _ name: String, _ version: String?) throws {
        let path = try ModulePath(text)
        #expect(path.name == name)
        #expect(path.version == version)
    }

    @Test(
        "is percent-encoded in a URL (RFC 3986 §2.3)",
        arguments: [
            ("plugin.wasm", "/plugin.wasm"), ("a b.wasm", "/a%20b.wasm"), ("ä.wasm", "/%C3%A4.wasm"),
            ("a%2f.wasm", "/a%252f.wasm"), ("x/y~z_0-9.wasm", "/x/y~z_0-9.wasm"), ("a?b#c.wasm", "/a%3Fb%23c.wasm"),
        ]
    )
    func urlPath(_ text: String, _ expected: String) throws {
        #expect(try ModulePath(text).urlPath == expected)
    }

    @Test(
        "is none if it could not be served, and says why",
        arguments: [
            ("plugin.txt", ".wasm"), (".wasm", ".wasm"), ("a//b.wasm", "empty"), ("/a.wasm", "empty"),
            ("../a.wasm", "hidden"), ("a/.b.wasm", "hidden"), ("a\u{0}.wasm", "control"), ("a\n.wasm", "control"),
            ("sha256/a.wasm", "/sha256/"), ("v2/a.wasm", "/v2/"),
            // To Swift, a combining mark makes one character with what stands before it.
            ("sha256/\u{301}.wasm", "/sha256/"), ("a/.\u{301}.wasm", "hidden"),
        ]
    )
    func unusable(_ text: String, _ reason: String) throws {
        let error = try #require(throws: CatalogError.self) { try ModulePath(text) }
        #expect(error.code == .unusableName)
        #expect(error.reason.contains(reason))
        #expect(!error.remedy.isEmpty)
    }

    @Test("has at most 1,024 bytes in a URL", arguments: ["a", "é"])
    func length(_ letter: String) throws {
        let encoded = letter == "a" ? 1 : 6
        // A slash and the suffix take six.
        let name = String(repeating: letter, count: 1014 / encoded) + "aaaa.wasm"
        #expect(try ModulePath(name).urlPath.utf8.count == 1024)
        let error = try #require(throws: CatalogError.self) { try ModulePath("a\(name)") }
        #expect(error.code == .unusableName)
        #expect(error.reason.contains("1025 bytes"))
    }

    @Test("of WebAssembly text tells how to make a module of it, and of anything else, to look first")
    func remedy() throws {
        let text = try #require(throws: CatalogError.self) { try ModulePath("plugin.wat") }
        #expect(text.remedy.contains("wat2wasm"))
        let other = try #require(throws: CatalogError.self) { try ModulePath("plugin.so") }
        #expect(other.remedy.contains("if it is a module"))
    }

    @Test("is another one with other bytes, though Unicode takes them for the same text")
    func canonicalEquivalence() throws {
        let (composed, decomposed) = (try ModulePath("\u{f1}.wasm"), try ModulePath("n\u{303}.wasm"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        let sources = [Source.embedded(composed, WasmModule.plugin), .embedded(decomposed, WasmModule.plugin)]
        let snapshot = try Catalog(sources: sources, maximumModuleSize: 1000).load()
        #expect(snapshot.modules.map(\.path.urlPath) == ["/n%CC%83.wasm", "/%C3%B1.wasm"])
    }
}
