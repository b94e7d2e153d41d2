// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing
import YAMLSyntax

@testable import GatewayConfiguration

@Suite("Manifests for gateways")
struct GatewayManifestTests {
    private static let digest = Digest(of: Array("abc".utf8))
    // FIPS 180-2, B.1.
    private static let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    private static let plugin = PluginConfiguration.object([
        .init("header", .string("x: \"y\"\n# no comment\u{2028}")),
        .init("list", .array([.number("1"), .bool(true), .null, .object([])])),
    ])

    private static func source(
        _ host: String = "wasm-server.example",
        secure: Bool = false,
        module: ModuleName = ModuleName("plugin", path: "/plugin.wasm")
    ) -> ModuleSource {
        ModuleSource(
            isSecure: secure,
            host: host,
            port: 8082,
            digest: digest,
            path: "/sha256/\(digest).wasm",
            module: module
        )
    }

    // RFC 8446 §4.2.3, and the names that Envoy has for them (`TlsParameters`).
    @Test(
        "have Envoy offer what it lacks for a certificate",
        arguments: [.envoy, .envoyFilter] as [Gateway]
    )
    func signatures(_ gateway: Gateway) throws {
        let source = ModuleSource(
            isSecure: true,
            host: "wasm-server.example",
            port: 8443,
            digest: Self.digest,
            path: "/sha256/\(Self.digest).wasm",
            module: ModuleName("plugin", path: "/plugin.wasm"),
            tls: .signatures(of: "Ed25519")
        )
        let text = GatewayManifest(of: source).text(for: gateway)
        #expect(text.contains("tls_maximum_protocol_version: TLSv1_3"))
        let strings = Set(try Self.strings(of: text))
        #expect(strings.isSuperset(of: ["ecdsa_secp256r1_sha256", "ecdsa_secp521r1_sha512", "ed25519"]))
    }

    @Test("are YAML, and name the module by its digest's URL and its sha256", arguments: Gateway.allCases)
    func module(_ gateway: Gateway) throws {
        for plugin in [nil, Self.plugin] {
            let text = GatewayManifest(of: Self.source(), plugin: plugin).text(for: gateway)
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
        let usual = try Self.shape(GatewayManifest(of: Self.source(), plugin: Self.member).text(for: gateway))
        let module = ModuleName(text, version: text, path: "/\(text).wasm")
        let odd = GatewayManifest(of: Self.source(text, module: module), plugin: plugin).text(for: gateway)
        #expect(try Self.shape(odd) == usual)
        let oddTLS = GatewayManifest(of: Self.source(text, secure: true, module: module), plugin: plugin).text(
            for: gateway
        )
        let usualTLS = GatewayManifest(of: Self.source(secure: true), plugin: Self.member).text(for: gateway)
        #expect(try Self.shape(oddTLS) == Self.shape(usualTLS))
    }
    private static let member = PluginConfiguration.object([.init("a", .string("b"))])

    @Test("embed the plugin's configuration as each gateway takes it")
    func pluginConfiguration() throws {
        let manifest = GatewayManifest(of: Self.source(), plugin: Self.plugin)
        let structured: [(Gateway, [String])] = [
            (.istioWasmPlugin, ["spec", "pluginConfig"]), (.envoyGateway, ["spec", "wasm", "0", "config"]),
        ]
        for (gateway, path) in structured {
            try Self.requireIsPlugin(Self.node(of: manifest.text(for: gateway), at: path))
        }
        let inStrings: [(Gateway, [String])] = [
            (.consul, ["spec", "envoyExtensions", "0", "arguments", "PluginConfig", "Configuration"]),
            (
                .envoyFilter,
                ["spec", "configPatches", "0", "patch", "value", "typed_config", "config", "configuration", "value"]
            ),
        ]
        for (gateway, path) in inStrings {
            let json = try #require(Self.node(of: manifest.text(for: gateway), at: path)?.scalar?.text)
            try Self.requireIsPlugin(YAMLNode.document(json))
        }
    }

    @Test("have a plugin by TLS checked for the server's name")
    func tls() throws {
        let strings = try Self.strings(of: GatewayManifest(of: Self.source(secure: true)).text(for: .envoy))
        #expect(strings.contains("https://wasm-server.example:8082/sha256/\(Self.sha256).wasm"))
        #expect(strings.filter { $0 == "wasm-server.example" }.count == 3)
    }

    @Test("say how an authority and a client certificate get in, where a gateway's configuration has that")
    func certificates() throws {
        let strings = { (gateway: Gateway) in
            try Self.strings(of: Self.uncommented(GatewayManifest(of: Self.source(secure: true)).text(for: gateway)))
        }
        for gateway in [Gateway.envoy, .envoyFilter] {
            #expect(try strings(gateway).filter { ["tls_certificates", "private_key"].contains($0) }.count == 2)
        }
        #expect(try strings(.envoyGateway).contains("caCertificateRef"))
        for (gateway, words) in [
            (Gateway.istioWasmPlugin, "--for envoy-filter"), (.envoyGateway, "no client certificate"),
            (.consul, "caFile"), (.consul, "certFile"),
        ] {
            #expect(GatewayManifest(of: Self.source(secure: true)).text(for: gateway).contains(words))
            #expect(!GatewayManifest(of: Self.source()).text(for: gateway).contains(words))
        }
    }

    @Test(
        "have no member that the API server would drop, with and without TLS",
        arguments: [Gateway.envoyFilter, .istioWasmPlugin, .envoyGateway],
        [false, true]
    )
    func definitions(_ gateway: Gateway, _ isSecure: Bool) throws {
        let manifest = GatewayManifest(of: Self.source(secure: isSecure), plugin: Self.plugin)
        let document = try YAMLNode.document(Self.uncommented(manifest.text(for: gateway)))
        let definition = try ResourceDefinition(of: #require(document["kind"]?.scalar?.text))
        #expect(try definition.unknownMembers(of: document) == [])
    }

    @Test("write an IPv6 address in brackets in a URL, and without them elsewhere")
    func ipv6() throws {
        let strings = try Self.strings(of: GatewayManifest(of: Self.source("::1")).text(for: .envoy))
        #expect(strings.contains("::1"))
        #expect(strings.contains("http://[::1]:8082/sha256/\(Self.sha256).wasm"))
    }

    // What YAML 1.1 (https://yaml.org/type) or 1.2 takes for numbers, truth values, nothing, and dates.
    @Test(
        "name resources, filters and clusters by text, whatever the module's name looks like",
        arguments: Gateway.allCases,
        ["123", "0x10", "0o17", "017", "1e3", "true", "no", "y", "null", "2024-01-01", "Plugin", "日本", "a/b"]
    )
    func names(_ gateway: Gateway, _ name: String) throws {
        let source = Self.source(module: ModuleName(name, path: "/\(name).wasm"))
        let document = try YAMLNode.document(GatewayManifest(of: source).text(for: gateway))
        let words: Set = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        for name in Self.names(in: document) {
            let scalar = try #require(name.scalar)
            // Nothing else but those words begins with a letter and is no text.
            let isText = scalar.text.first?.isLetter == true && !words.contains(scalar.text.lowercased())
            #expect(scalar.tag == nil && (!scalar.isPlain || isText), "\(name)")
        }
        guard let resource = document["metadata"]?["name"]?.scalar else { return }
        // RFC 1123 §2.1: letters, digits and hyphens, the first and the last no hyphen; at most 63.
        #expect(resource.text.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil)
        #expect(resource.text.utf8.count <= 63)
    }

    /// The text with the lines of TLS that a person may take in.
    private static func uncommented(_ text: String) -> String {
        text.replacing(/# (tls|- certificate_chain|  private_key|  caCertificateRef)/) { "\($0.output.1)" }
    }

    // MARK: What another parser says

    private static func requireIsPlugin(_ node: YAMLNode?) throws {
        let node = try #require(node)
        let header = try #require(node["header"]?.scalar)
        #expect(header.text == "x: \"y\"\n# no comment\u{2028}" && !header.isPlain)
        for (index, text) in ["1", "true", "null"].enumerated() {
            let element = try #require(node["list"]?[index]?.scalar)
            #expect(element.text == text && element.isPlain)
        }
        #expect(node["list"]?[3]?.mapping?.members.isEmpty == true)
    }

    private static func node(of text: String, at path: [String]) throws -> YAMLNode? {
        path.reduce(try YAMLNode.document(text)) { node, key in Int(key).map { node?[$0] } ?? node?[key] }
    }

    /// The value of every member that is called `name`, `cluster` or `cluster_name`.
    private static func names(in node: YAMLNode) -> [YAMLNode] {
        let keys = ["name", "cluster", "cluster_name"]
        return switch node {
        case .mapping(let mapping):
            mapping.members.flatMap { member in
                (keys.contains(member.key.text) ? [member.value] : []) + names(in: member.value)
            }
        case .sequence(let sequence): sequence.elements.flatMap { names(in: $0) }
        case .scalar: []
        }
    }

    private static func strings(of text: String) throws -> [String] {
        func strings(_ node: YAMLNode) -> [String] {
            switch node {
            case .scalar(let scalar): [scalar.text]
            case .sequence(let sequence): sequence.elements.flatMap(strings)
            case .mapping(let mapping): mapping.members.flatMap { [$0.key.text] + strings($0.value) }
            }
        }
        return strings(try YAMLNode.document(text))
    }

    /// The structure of a document, without what its scalars say.
    private static func shape(_ text: String) throws -> String {
        func shape(_ node: YAMLNode) -> String {
            switch node {
            case .scalar: "s"
            case .sequence(let sequence): "[\(sequence.elements.map(shape).joined())]"
            case .mapping(let mapping): "{\(mapping.members.map { "s" + shape($0.value) }.joined())}"
            }
        }
        return shape(try YAMLNode.document(text))
    }
}
