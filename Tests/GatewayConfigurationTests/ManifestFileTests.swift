// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing
import YAMLSyntax

@testable import GatewayConfiguration

@Suite("Files of gateways' configuration")
struct ManifestFileTests {
    // FIPS 180-2, B.1.
    private static let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private static func references(_ text: String) throws -> [ModuleReference] {
        try ManifestFile(text, named: "f.yaml").references
    }

    @Test("are read back to what they were printed of", arguments: Gateway.allCases, [false, true])
    func printed(_ gateway: Gateway, _ isSecure: Bool) throws {
        let digest = Digest(of: Array("abc".utf8))
        let source = ModuleSource(
            isSecure: isSecure,
            host: "wasm-server.example",
            port: 8082,
            digest: digest,
            path: "/sha256/\(digest).wasm",
            module: ModuleName("plugin", version: "1.2", path: "/plugin/1.2/plugin.wasm")
        )
        let plugin = PluginConfiguration.object([.init("remote", .string("http_uri: x"))])
        for plugin in [nil, plugin] {
            let text = GatewayManifest(of: source, plugin: plugin).text(for: gateway)
            let file = try ManifestFile(text, named: "f.yaml")
            #expect(file.references.map(\.url) == [source.url])
            #expect(file.references.map(\.sha256) == [Self.sha256])
            #expect(file.otherKinds.isEmpty && file.otherSources.isEmpty)
            switch gateway {
            case .envoy, .envoyFilter, .consul: #expect(file.references.first?.fetcher == .envoy(.retries(10)))
            case .istioWasmPlugin, .envoyGateway: #expect(file.references.first?.fetcher == .agent)
            case .kuadrantEnv: #expect(file.references.first?.fetcher == .operated)
            }
        }
    }

    @Test(
        "name the object, the file and the line of each module",
        arguments: [
            // Istio's `WasmPlugin`, as its reference has it (proxy_extensions/wasm-plugin), but over HTTP.
            (
                """
                apiVersion: extensions.istio.io/v1alpha1
                kind: WasmPlugin
                metadata:
                  name: openid-connect
                  namespace: istio-ingress
                spec:
                  selector:
                    matchLabels:
                      istio: ingressgateway
                  url: https://wasm-server:8443/openid.wasm
                  sha256: \(sha256)
                  phase: AUTHN
                """, "WasmPlugin istio-ingress/openid-connect (f.yaml:10)", ModuleFetcher.agent
            ),
            // What takes its place from Istio 1.30 on.
            (
                """
                apiVersion: extensions.istio.io/v1alpha1
                kind: TrafficExtension
                metadata: { name: basic-auth, namespace: istio-system }
                spec:
                  phase: AUTHN
                  wasm:
                    url: http://wasm-server:8082/auth.wasm
                    sha256: \(sha256)
                """, "TrafficExtension istio-system/basic-auth (f.yaml:7)", .agent
            ),
            // Envoy Gateway's task "Wasm Extensions".
            (
                """
                apiVersion: gateway.envoyproxy.io/v1alpha1
                kind: EnvoyExtensionPolicy
                metadata:
                  name: wasm-test
                spec:
                  targetRefs:
                  - group: gateway.networking.k8s.io
                    kind: HTTPRoute
                    name: backend
                  wasm:
                  - name: wasm-filter
                    rootID: my_root_id
                    code:
                      type: HTTP
                      http:
                        url: http://wasm-server:8082/plugin.wasm
                        sha256: \(sha256)
                """, "EnvoyExtensionPolicy wasm-test (f.yaml:16)", .agent
            ),
            // Kuadrant's operator (`internal/istio/utils.go`): JSON's names, and no retry policy.
            (
                """
                {"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter",
                 "metadata": {"name": "kuadrant-wasm", "namespace": "gateways"},
                 "spec": {"configPatches": [{"applyTo": "HTTP_FILTER", "patch": {"value": {"typed_config": {"config": {
                   "vm_config": {"code": {"remote": {
                     "http_uri": {"uri": "http://kuadrant-operator-wasm:8082/plugin.wasm", "timeout": "10s"},
                     "sha256": "\(sha256)"}}}}}}}}]}}
                """, "EnvoyFilter gateways/kuadrant-wasm (f.yaml:5)", .envoy(.missing)
            ),
            // Istio's `EnvoyFilter` by ECDS, which its agent fetches for.
            (
                """
                kind: EnvoyFilter
                metadata: { name: wasm-example, namespace: myns }
                spec:
                  configPatches:
                  - applyTo: EXTENSION_CONFIG
                    patch:
                      value:
                        typed_config:
                          value:
                            config: { vm_config: { code: { remote: { http_uri: { uri: http://a:1/b.wasm }, sha256: \(sha256) } } } }
                """, "EnvoyFilter myns/wasm-example (f.yaml:10)", .agent
            ),
            // Protobuf's JSON (`config_dump`), with a number as text.
            (
                """
                static_resources: { listeners: [] }
                code:
                  remote:
                    httpUri: { uri: "http://a:1/b.wasm" }
                    retryPolicy: { numRetries: "1" }
                    sha256: \(sha256)
                """, "Envoy bootstrap (f.yaml:4)", .envoy(.retries(1))
            ),
            (
                "remote: { httpURI: { uri: http://a:1/b.wasm }, sha256: \(sha256), retry_policy: {} }",
                "Envoy configuration (f.yaml:1)", .envoy(.retries(nil))
            ),
            // Consul's reference of `builtin/wasm`, in JSON.
            (
                """
                {"Kind": "service-defaults", "Name": "api", "EnvoyExtensions": [{"Name": "builtin/wasm", "Arguments":
                  {"PluginConfig": {"VmConfig": {"Code": {"Remote": {"HttpURI": {"URI": "https://a/b.wasm"},
                    "SHA256": "\(sha256)", "RetryPolicy": {"NumRetries": 3}}}}}}}]}
                """, "service-defaults api (f.yaml:2)", .envoy(.retries(3))
            ),
            // An anchor, and a merge that brings the policy in.
            (
                """
                often: &often { retry_policy: { num_retries: 5 } }
                remote:
                  <<: *often
                  http_uri: { uri: http://a:1/b.wasm }
                  sha256: \(sha256)
                """, "Envoy configuration (f.yaml:4)", .envoy(.retries(5))
            ),
        ] as [(String, String, ModuleFetcher)]
    )
    func place(_ text: String, _ place: String, _ fetcher: ModuleFetcher) throws {
        let references = try Self.references(text)
        #expect(references.map { "\($0.place)" } == [place])
        #expect(references.map(\.sha256) == [Self.sha256])
        #expect(references.map(\.fetcher) == [fetcher])
    }

    @Test(
        "say what no server of modules is asked for",
        arguments: [
            ("kind: WasmPlugin\nspec: { url: 'oci://a/b:1' }", "OCI image"),
            // Without a scheme it is one, too (`pilot/pkg/model/extensions.go`).
            ("kind: WasmPlugin\nspec: { url: a/b:1 }", "OCI image"),
            ("kind: WasmPlugin\nspec: { url: 'file:///opt/a.wasm' }", "file beside the proxy"),
            (
                "kind: EnvoyExtensionPolicy\nspec: { wasm: [{ code: { type: Image, image: { url: a/b } } }] }",
                "OCI image"
            ),
            ("module: { remote: { http_uri: { uri: 'http://a/b.so' }, sha256: x } }", "dynamic module"),
            ("code: { remote: { http_uri: { cluster: a }, sha256: x } }", "has no uri"),
        ]
    )
    func otherSource(_ text: String, _ words: String) throws {
        let file = try ManifestFile(text, named: "f.yaml")
        #expect(file.references.isEmpty)
        #expect(file.otherSources.count == 1 && file.otherKinds.isEmpty)
        #expect(file.otherSources.first?.reason.contains(words) == true)
    }

    @Test("have any number of documents and lists, and count the objects that name no module by their kinds")
    func several() throws {
        let plugin = "kind: WasmPlugin\nmetadata: { name: a }\nspec: { url: 'http://a:1/b.wasm' }\n"
        let text = """
            ---
            kind: ConfigMap
            data: { a.yaml: "remote: { http_uri: { uri: http://no/no.wasm } }" }
            ---
            ---
            \(plugin)...
            ---
            apiVersion: v1
            kind: List
            items:
            - kind: ConfigMap
            - kind: EnvoyFilterList
              items:
              - { kind: EnvoyFilter, spec: { configPatches: [] } }
              - { kind: WasmPlugin, metadata: { name: b, namespace: c }, spec: { url: "http://a:1/b.wasm" } }
            - kind: WasmPlugin
            - text
            """
        let file = try ManifestFile(text, named: "f.yaml")
        #expect(file.references.map { "\($0.place)" } == ["WasmPlugin a (f.yaml:8)", "WasmPlugin c/b (f.yaml:18)"])
        #expect(file.references.map(\.sha256) == [nil, nil])
        #expect(
            file.otherKinds.map { "\($0.count) \($0.kind)" } == [
                "2 ConfigMap", "1 EnvoyFilter", "1 WasmPlugin", "1 text",
            ]
        )
        let array = try ManifestFile("[{kind: WasmPlugin, spec: {url: 'http://a:1/b.wasm', sha256: ''}}]", named: "f")
        #expect(array.references.map(\.sha256) == [nil])
    }

    // What `kubectl get --raw` prints: the API server leaves out of the elements what it says of the list (apimachinery, `GroupVersionKind`).
    @Test("have elements of lists that need not repeat their kind")
    func rawList() throws {
        let text = """
            {"kind": "WasmPluginList", "apiVersion": "extensions.istio.io/v1alpha1", "metadata": {}, "items": [
              {"metadata": {"name": "a", "namespace": "b"}, "spec": {"url": "http://a:1/b.wasm"}},
              {"kind": "EnvoyFilter", "metadata": {"name": "c"}}]}
            """
        let file = try ManifestFile(text, named: "f")
        #expect(file.references.map { "\($0.place)" } == ["WasmPlugin b/a (f:2)"])
        #expect(file.otherKinds.map { "\($0.count) \($0.kind)" } == ["1 EnvoyFilter"])
        let foreign = try ManifestFile(text.replacing("extensions.istio.io", with: "example.com"), named: "f")
        #expect(foreign.references.isEmpty && foreign.misnomers.count == 1)
        let empty = try ManifestFile("{kind: EnvoyFilterList, items: []}\n--- {kind: List, items: }\n", named: "f")
        #expect(empty.otherKinds.map { "\($0.count) \($0.kind)" } == ["1 empty EnvoyFilterList", "1 empty List"])
        #expect(empty.namesNothing)
    }

    @Test(
        "say which objects have only the name of what configures gateways, and read on",
        arguments: [
            ("extensions.istio.io/v1alpha1", "WasmPlugin", true), ("networking.istio.io/v1alpha3", "EnvoyFilter", true),
            ("gateway.envoyproxy.io/v2", "EnvoyExtensionPolicy", true),
            ("extensions.istio.io/v1alpha1", "TrafficExtension", true), ("''", "WasmPlugin", false),
            ("example.com/v1alpha1", "WasmPlugin", false), ("v1", "EnvoyFilter", false),
            ("extensions.istio.io/v1alpha1", "EnvoyFilter", false), ("gateway.envoyproxy.io", "WasmPlugin", false),
        ]
    )
    func misnomer(_ apiVersion: String, _ kind: String, _ isOne: Bool) throws {
        let text = """
            apiVersion: \(apiVersion)
            kind: \(kind)
            metadata: { name: a }
            spec: { url: 'http://a:1/b.wasm' }
            ---
            kind: WasmPlugin
            spec: { url: 'http://a:1/c.wasm' }
            """
        let file = try ManifestFile(text, named: "f")
        #expect(file.references.last?.url == "http://a:1/c.wasm")
        #expect(file.misnomers.map { "\($0.place)" } == (isOne ? [] : ["\(kind) a (f:1)"]))
        #expect(file.misnomers.allSatisfy { $0.reason.hasPrefix("is no \(kind) of ") })
    }

    @Test(
        "may be documents of JSON one after another, as jq prints them",
        arguments: ["\n", "\r\n", "\n\n", "\n---\n", " \n\t"]
    )
    func sequence(_ separator: String) throws {
        let plugin = #"{"kind":"WasmPlugin","metadata":{"name":"}\"{"},"spec":{"url":"http://a:1/b.wasm"}}"#
        let pretty = "{\n  \"kind\": \"EnvoyFilter\",\n  \"spec\": [{}]\n}"
        let text = [plugin, pretty, "[\(plugin)]", plugin].joined(separator: separator) + "\n"
        let file = try ManifestFile(text, named: "f")
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        let expected = lines.indices.filter { lines[$0].contains("WasmPlugin") }.map { $0 + 1 }
        #expect(file.references.map(\.place.line) == expected)
        #expect(file.otherKinds.map(\.kind) == ["EnvoyFilter"])
    }

    @Test(
        "are no such documents where they are wrong, or two begin in one line",
        arguments: [
            ("{\"a\": 1}\n{\"b\": ]}\n", 2, "lacks a value"), ("{\"a\": 1}{\"b\": 1}\n", 1, "another document"),
            ("{\"a\": 1}\nb\n", 2, "does not belong"), ("{\"a\": 1}\n{\"a\": 1,\n\"a\": 2}\n", 3, "duplicated"),
            ("{\"a\": 1}\n{\"a\": 1}\nb\n", 3, "does not belong"), ("{\"a\": 1}\n{\"a\": \"x", 2, "does not end"),
        ]
    )
    func noSequence(_ text: String, _ line: Int, _ words: String) throws {
        let error = try #require(throws: YAMLError.self) { try ManifestFile(text, named: "f") }
        #expect(error.line == line, "\(error)")
        #expect(error.reason.contains(words) && error.reason.contains("; "), "\(error)")
    }

    @Test("may have every name behind an alias, and count what it stands for once")
    func aliases() throws {
        let remote = "&x { code: { remote: { http_uri: { uri: http://a:1/b.wasm }, sha256: x } } }"
        #expect(try Self.references("a: \(remote)\nb: *x\nc: [*x, *x, { d: *x }]\n").count == 1)
    }
}
