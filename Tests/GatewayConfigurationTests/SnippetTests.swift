// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing
import Yams

@testable import GatewayConfiguration

@Suite("Snippets")
struct SnippetTests {
    private static let digest = Digest(of: Array("abc".utf8))
    // FIPS 180-2, B.1.
    private static let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let plugin = PluginConfiguration.object([
        .init("header", .string("x: \"y\"\n# no comment\u{2028}")),
        .init("list", .array([.number("1"), .bool(true), .null, .object([])])),
    ])

    private static func source(_ host: String = "wasm-server.example", secure: Bool = false, name: String = "plugin")
        -> ModuleSource
    {
        ModuleSource(
            isSecure: secure,
            host: host,
            port: 8082,
            digest: digest,
            path: "/sha256/\(digest).wasm",
            name: name
        )
    }

    @Test("are YAML, and name the module by its digest's URL and its sha256", arguments: Gateway.allCases)
    func module(_ gateway: Gateway) throws {
        for plugin in [nil, Self.plugin] {
            let text = Snippet(of: Self.source(), plugin: plugin).text(for: gateway)
            let strings = try Self.strings(of: text)
            #expect(strings.contains("http://wasm-server.example:8082/sha256/\(Self.sha256).wasm"))
            #expect(strings.contains(Self.sha256))
            #expect(text.hasSuffix("\n"))
        }
    }

    @Test(
        "keep whatever comes from outside in its place",
        arguments: Gateway.allCases,
        ["a\"b", "a\nb: c", "*", "&a", "- a", "'", "#", "{}", "\u{0}", "\u{85}", "\u{feff}", "null", "é🙂"]
    )
    func quoting(_ gateway: Gateway, _ text: String) throws {
        let plugin = PluginConfiguration.object([.init(text, .string(text))])
        let usual = try Self.shape(Snippet(of: Self.source(), plugin: Self.member).text(for: gateway))
        let odd = Snippet(of: Self.source(text, name: text), plugin: plugin).text(for: gateway)
        #expect(try Self.shape(odd) == usual)
    }
    private static let member = PluginConfiguration.object([.init("a", .string("b"))])

    @Test("embed the plugin's configuration as each gateway takes it")
    func pluginConfiguration() throws {
        let snippet = Snippet(of: Self.source(), plugin: Self.plugin)
        let structured: [(Gateway, [String])] = [
            (.istioWasmPlugin, ["spec", "pluginConfig"]), (.envoyGateway, ["spec", "wasm", "0", "config"]),
        ]
        for (gateway, path) in structured {
            try Self.requireIsPlugin(Self.node(of: snippet.text(for: gateway), at: path))
        }
        let inStrings: [(Gateway, [String])] = [
            (.consul, ["spec", "envoyExtensions", "0", "arguments", "PluginConfig", "Configuration"]),
            (
                .envoyFilter,
                ["spec", "configPatches", "0", "patch", "value", "typed_config", "config", "configuration", "value"]
            ),
        ]
        for (gateway, path) in inStrings {
            let json = try #require(Self.node(of: snippet.text(for: gateway), at: path)?.string)
            try Self.requireIsPlugin(Yams.compose(yaml: json))
        }
    }

    @Test("have a plugin by TLS checked for the server's name")
    func tls() throws {
        let strings = try Self.strings(of: Snippet(of: Self.source(secure: true)).text(for: .envoy))
        #expect(strings.contains("https://wasm-server.example:8082/sha256/\(Self.sha256).wasm"))
        #expect(strings.filter { $0 == "wasm-server.example" }.count == 3)
    }

    @Test("write an IPv6 address in brackets in a URL, and without them elsewhere")
    func ipv6() throws {
        let strings = try Self.strings(of: Snippet(of: Self.source("::1")).text(for: .envoy))
        #expect(strings.contains("::1"))
        #expect(strings.contains("http://[::1]:8082/sha256/\(Self.sha256).wasm"))
    }

    @Test(
        "make a name for Kubernetes of any name",
        arguments: [
            ("plugin", "plugin"), ("Rate Limit", "rate-limit"), ("--a__b--", "a-b"), ("🙂", "plugin"), ("", "plugin"),
            (String(repeating: "a", count: 100), String(repeating: "a", count: 40)),
        ]
    )
    func label(_ name: String, _ label: String) {
        #expect(Self.source(name: name).label == label)
    }

    // MARK: What another parser says

    private static func requireIsPlugin(_ node: Node?) throws {
        let node = try #require(node)
        #expect(node["header"]?.string == "x: \"y\"\n# no comment\u{2028}")
        #expect(node["list"]?[0]?.int == 1)
        #expect(node["list"]?[1]?.bool == true)
        #expect(node["list"]?[2]?.null != nil)
        #expect(node["list"]?[3]?.mapping?.isEmpty == true)
    }

    private static func node(of text: String, at path: [String]) throws -> Node? {
        path.reduce(try Yams.compose(yaml: text)) { node, key in Int(key).map { node?[$0] } ?? node?[key] }
    }

    private static func strings(of text: String) throws -> [String] {
        func strings(_ node: Node) -> [String] {
            switch node {
            case .scalar(let scalar): [scalar.string]
            case .sequence(let sequence): sequence.flatMap(strings)
            case .mapping(let mapping): mapping.flatMap { strings($0.key) + strings($0.value) }
            default: []
            }
        }
        return strings(try #require(try Yams.compose(yaml: text)))
    }

    /// The structure of a document, without what its scalars say.
    private static func shape(_ text: String) throws -> String {
        func shape(_ node: Node) -> String {
            switch node {
            case .scalar: "s"
            case .sequence(let sequence): "[\(sequence.map(shape).joined())]"
            case .mapping(let mapping): "{\(mapping.map { shape($0.key) + shape($0.value) }.joined())}"
            default: "?"
            }
        }
        return shape(try #require(try Yams.compose(yaml: text)))
    }
}
