// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing
import YAMLSyntax

@testable import GatewayConfiguration

@Suite("Files that are no configuration, or a strange one", .timeLimit(.minutes(5)))
struct HostileManifestTests {
    private static let bomb = (0..<20).reduce("a0: &a0 lol\n") { text, level in
        let aliases = Array(repeating: "*a\(level)", count: 9).joined(separator: ", ")
        return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
    }
    private static let plugin = "kind: WasmPlugin\nspec:\n  url: "

    @Test(
        "are rejected with a line, a reason and a remedy",
        arguments: [
            ("an alias bomb", bomb, "too many values"),
            (
                "one in many documents",
                String(
                    repeating: "--- {a: &a [\(String(repeating: "x,", count: 999))], b: [*a,*a,*a,*a]}\n",
                    count: 3500
                ), "too many values"
            ),
            ("an alias of nothing", plugin + "*url\n", "none above is called 'url'"),
            ("an alias of another document", "a: &url http://a:1/b.wasm\n---\n" + plugin + "*url\n", "none above"),
            ("a tag of somebody's", plugin + "!vault http://a:1/b.wasm\n", "has the tag '!vault'"),
            ("a tag of a program's", plugin + "!!python/object/apply:os.system [id]\n", "a list or a mapping"),
            ("a list in place of a URL", plugin + "[a]\n", "a list or a mapping"),
            ("a template", plugin + "{{ .Values.url }}\n", "; "),
            ("deep lists", String(repeating: "[", count: 1 << 20), "100 levels"),
            ("deep mappings", String(repeating: "{a: ", count: 1 << 20), "100 levels"),
            ("a NUL", plugin + "a\u{0}b\n", "control character"),
            ("a line of 10 MB", "a: " + String(repeating: "x", count: 10_000_000), "bytes; leave"),
            ("a key twice", "kind: A\nkind: B\n", "duplicated"),
            ("what does not end", "{\"kind\": ", "; "),
        ]
    )
    func rejected(_ name: String, _ text: String, _ words: String) throws {
        let error = try #require(throws: YAMLError.self) { try ManifestFile(text, named: "f") }
        #expect(error.description.contains(words), "\(name): \(error.description.prefix(200))")
        #expect(error.reason.contains("; "))
        #expect(error.description.utf8.count < 500)
    }

    @Test(
        "hold nothing",
        arguments: ["", "\n\n", "---", "---\n---\n...\n", "# nothing\n", "null", "\u{feff}", "[]", "~"]
    )
    func empty(_ text: String) throws {
        let file = try ManifestFile(text, named: "f")
        #expect(file.references.isEmpty && file.otherSources.isEmpty && file.otherKinds.isEmpty)
    }

    @Test(
        "are read, however they are written",
        arguments: [
            "\u{feff}kind: WasmPlugin\nspec:\n  url: http://a:1/b.wasm\n",
            "kind: WasmPlugin\r\nspec:\r\n  url: http://a:1/b.wasm\r\n",
            "{\"kind\":\"WasmPlugin\",\"spec\":{\"url\":\"http:\\/\\/a:1\\/b.wasm\"}}",
            "%YAML 1.2\n---\nkind: !!str WasmPlugin\nspec: !anything\n  url: !!str http://a:1/b.wasm\n",
            "kind: WasmPlugin\nspec:\n  url: >-\n    http://a:1/b.wasm\n  note: \(String(repeating: "x", count: 4_000_000))\n",
        ]
    )
    func read(_ text: String) throws {
        let references = try ManifestFile(text, named: "f").references
        #expect(references.map(\.url) == ["http://a:1/b.wasm"])
    }

    @Test(
        "have nothing where something else is than their kind has",
        arguments: [
            "spec: text", "spec: [1, 2]", "spec: {url: null}", "spec: {url: }", "metadata: {name: [a]}", "items: [a]",
        ]
    )
    func otherShape(_ rest: String) throws {
        for kind in ["WasmPlugin", "TrafficExtension", "EnvoyExtensionPolicy", "EnvoyFilter", "\"\\u001b[2J\""] {
            let file = try ManifestFile("kind: \(kind)\n\(rest)\n", named: "f")
            #expect(file.references.isEmpty && file.otherKinds.count == 1)
        }
    }

    @Test("are lists of thousands, each of which is told")
    func manyItems() throws {
        let items = (0..<1000).map { index in
            """
            - apiVersion: networking.istio.io/v1alpha3
              kind: EnvoyFilter
              metadata: { name: f\(index), namespace: n }
              spec: { configPatches: [{ patch: { value: { code: { remote: { http_uri: { uri: "http://a:1/\(index).wasm" } } } } } }] }

            """
        }
        let text = "apiVersion: v1\nkind: List\nitems:\n" + items.joined()
        let references = try ManifestFile(text, named: "f").references
        #expect(references.count == 1000)
        #expect(references.last.map { "\($0.place)" } == "EnvoyFilter n/f999 (f:4003)")
    }

    @Test("have names of megabytes, which are told in part")
    func longNames() throws {
        // All of the marks are one character to Swift.
        let name = "e" + String(repeating: "\u{301}", count: 500_000)
        let text =
            "kind: \(name)\nmetadata: {name: \(name), namespace: \(name)}\nremote: {http_uri: {uri: 'http://a:1/b.wasm'}}"
        let references = try ManifestFile(text, named: "f").references
        #expect(references.count == 1)
        #expect(references.allSatisfy { $0.place.object.utf8.count < 1000 })
    }
}
