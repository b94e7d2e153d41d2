// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// `wasm-server config`, and what gateways make of it.
@Suite("Configuration for gateways", .serialized, .timeLimit(.minutes(5)))
struct GatewayConfigurationTests {
    private static let targets = [
        "envoy", "envoy-filter", "istio-wasmplugin", "envoy-gateway", "consul", "kuadrant-env",
    ]

    @Test("has Envoy run the plugin from the bootstrap that is printed", arguments: EnvoyVersion.allCases)
    func bootstrap(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let printed = try await Self.printed("envoy", by: server, configuredBy: "header: x\n", in: folder)
                try await Self.requirePluginRuns(version, on: Self.withFreePorts(printed), from: server)
            }
        }
    }

    @Test("has Envoy run the plugin from the patches of an EnvoyFilter", arguments: EnvoyVersion.allCases)
    func envoyFilter(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let printed = try await Self.printed("envoy-filter", by: server, configuredBy: nil, in: folder)
                let values = try await PythonYAML.values(
                    of: "[each['patch']['value'] for each in document['spec']['configPatches']]",
                    in: printed
                )
                try #require(values.count == 2)
                let bootstrap = Self.bootstrap(filter: values[0], cluster: values[1])
                try await Self.requirePluginRuns(version, on: bootstrap, from: server)
            }
        }
    }

    @Test(
        "has Envoy fetch over TLS, and verify the server's name, with a client certificate or without",
        arguments: EnvoyVersion.allCases,
        [false, true]
    )
    func overTLS(version: EnvoyVersion, isMutual: Bool) async throws {
        try await TLSServerFixture.with(askingForCertificates: isMutual) { fixture in
            // Asked in clear, and printed as gateways ask.
            let urls = ["http://127.0.0.1:\(fixture.server.port)", try fixture.url]
            let outcome = try await Outcome.of(
                ["config", "--for", "envoy", "--url", urls[0], "--as", urls[1]],
                in: fixture.folder
            )
            #expect(outcome.code == 0)
            var bootstrap = Self.withFreePorts(outcome.output)
                .replacingOccurrences(of: "/etc/ssl/certs/ca-certificates.crt", with: fixture.authority.certificate)
            if isMutual {
                bootstrap = bootstrap.replacing(/# (tls_certificates|- certificate_chain|  private_key)/) {
                    "\($0.output.1)"
                }
                .replacingOccurrences(of: "/etc/envoy/tls.crt", with: fixture.pair.certificate)
                .replacingOccurrences(of: "/etc/envoy/tls.key", with: fixture.pair.key)
            }
            try await Self.requirePluginRuns(version, on: bootstrap, from: fixture.server)
            #expect(try await fixture.server.accessLines().last?.listener == "tls")
        }
    }

    @Test("is served with the name that the client has for the server, and is the same as what is printed")
    func served() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                for target in Self.targets {
                    let printed = try await Outcome.of(
                        ["config", "--for", target, "--url", url, "--as", "http://modules.example:8082"],
                        in: folder
                    )
                    #expect(printed.errors.isEmpty)
                    let served = try await server.get(
                        "/modules/plugin.wasm/\(target).yaml",
                        with: ["--header", "Host: modules.example:8082"]
                    )
                    #expect(served.text == printed.output)
                    // RFC 9512 §2.1.
                    #expect(served.fields["content-type"] == "application/yaml")
                }
                for protocolFlag in ["--http1.1", "--http2-prior-knowledge"] {
                    let reply = try await server.get(
                        "/modules/plugin.wasm/envoy.yaml",
                        with: [protocolFlag, "--header", "Host: modules.example:8082"]
                    )
                    #expect(reply.text.contains("http://modules.example:8082/sha256/"))
                }
            }
        }
    }

    @Test("is printed with the name that gateways have for the server, where that is another one", arguments: targets)
    func otherName(target: String) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                let name = "https://modules.example:8443"
                let outcome = try await Outcome.of(["config", "--for", target, "--url", url, "--as", name], in: folder)
                #expect(outcome.code == 0)
                #expect(outcome.output.contains("\(name)/sha256/"))
                #expect(!outcome.output.contains("127.0.0.1:\(server.port)"))
            }
        }
    }

    @Test(
        "is not printed for a cluster with a name that is something else there, unless one insists",
        arguments: targets
    )
    func localName(target: String) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://localhost:\(server.port)"
                let start = ["config", "--for", target, "--url", url]
                let implied = try await Outcome.of(start, in: folder)
                let insisted = try await Outcome.of(start + ["--as", url], in: folder)
                let quiet = try await Outcome.of(start + ["--as", url, "--quiet"], in: folder)
                let bare = try await Outcome.of(start + ["--as", "http://wasm-server:8082"], in: folder)
                if target == "envoy" {
                    #expect(implied.code == 0)
                    for outcome in [implied, insisted, quiet, bare] { #expect(outcome.errors.isEmpty) }
                } else {
                    #expect(implied.code == SysExit.usage)
                    #expect(implied.output.isEmpty)
                    for word in ["localhost", "--url", "--as", "http://wasm-server"] {
                        #expect(implied.errors.first?.contains(word) == true, "\(implied.errors)")
                    }
                    #expect(insisted.errors.first?.contains("warning: --as: to a gateway, localhost") == true)
                    #expect(bare.errors.isEmpty == (target == "consul"))
                }
                for outcome in [insisted, quiet] {
                    #expect(outcome.code == 0)
                    #expect(outcome.output.contains("\(url)/sha256/"))
                }
                #expect(quiet.errors.isEmpty)
            }
        }
    }

    @Test("is printed for what is no longer current, by its sha256, so that gateways can go back to it")
    func kept() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "modules/plugin.wasm")
            let flags = ["--drain-delay", "0", "--retain", "1h"]
            try await withWasmServer(serving: folder.path("modules"), with: flags) { server in
                let before = try await server.announcedDigest()
                try folder.write(WasmModule.plugin + [0, 4, 3] + Array("two".utf8), to: "modules/plugin.wasm")
                server.send(SIGHUP)
                try await eventually("the module to change") {
                    try await server.announcedDigest() == before ? nil : ()
                }
                let start = ["config", "--for", "envoy", "--url", "http://127.0.0.1:\(server.port)"]
                let output = URL(filePath: folder.path)
                let old = try await Outcome.of(start + [before], in: output)
                #expect(old.code == 0, "\(old.errors)")
                #expect(old.output.contains("/sha256/\(before).wasm") && old.output.contains("sha256: \"\(before)\""))
                for word in [[], ["plugin"], ["/plugin.wasm"]] {
                    let now = try await Outcome.of(start + word, in: output)
                    #expect(now.code == 0 && !now.output.contains(before), "the name is of what is current")
                }
            }
        }
    }

    @Test("says above what is served that a gateway cannot use the name by which it was asked")
    func servedLocally() async throws {
        try await withWasmServer { server in
            for target in Self.targets {
                let local = try await server.get("/modules/plugin.wasm/\(target).yaml")
                #expect(local.text.hasPrefix("# Not as it is: to a gateway, 127.0.0.1 is") == (target != "envoy"))
                #expect(try await PythonYAML.values(of: "[document]", in: local.text) != ["null"])
            }
        }
    }

    @Test("is the same in JSON", arguments: targets)
    func json(target: String) async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "plugin.yaml")
                try Data(#"{"a b": [1, 1.50, true, null, "yes", "é\n", {}]}"#.utf8).write(to: file)
                let plugin = target == "kuadrant-env" ? [] : ["--plugin-config", file.path]
                let arguments =
                    ["config", "--for", target, "--url", "http://127.0.0.1:\(server.port)"] + plugin
                    + ["--as", "https://modules.example:8443"]
                let yaml = try await Outcome.of(arguments, in: folder)
                let json = try await Outcome.of(arguments + ["--output", "json"], in: folder)
                #expect(json.code == 0)
                // JSON is YAML, so one parser tells whether both say the same.
                _ = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
                #expect(
                    try await PythonYAML.values(of: "[document]", in: json.output)
                        == PythonYAML.values(of: "[document]", in: yaml.output)
                )
                #expect(json.output.contains("1.50") == (target != "kuadrant-env"))
            }
        }
    }

    @Test("tells what is wrong, and what to do")
    func errors() async throws {
        try await withWasmServer { server in
            try await withTemporaryFolder { folder in
                let url = "http://127.0.0.1:\(server.port)"
                let operations = "http://\(server.operationsAddress)"
                let twoDocuments = folder.appending(path: "two.yaml")
                try Data("a: 1\n---\nb: 2\n".utf8).write(to: twoDocuments)
                let broken = folder.appending(path: "broken.json")
                try Data("{\n\"a\": ]\n}".utf8).write(to: broken)
                let cases: [([String], Int32, [String])] = [
                    (["--url", "127.0.0.1:\(server.port)"], SysExit.usage, ["scheme", "http://"]),
                    (["--url", "ftp://127.0.0.1:1"], SysExit.usage, ["scheme", "http://"]),
                    (["--url", "http://127.0.0.1"], SysExit.usage, ["port", "http://127.0.0.1:8082"]),
                    (["--url", "\(url)/plugin.wasm"], SysExit.usage, ["host and a port", "leave"]),
                    (["--url", url, "--as", "modules"], SysExit.usage, ["--as", "scheme", "http://"]),
                    (
                        ["--url", url, "--as", "http://modules"], SysExit.usage,
                        ["--as", "port", "http://modules:8082"]
                    ),
                    (["--url", "http://127.0.0.1:1"], SysExit.unavailable, ["connection refused", "check"]),
                    (["--url", "http://nowhere.invalid:1"], SysExit.unavailable, ["nowhere.invalid", "check"]),
                    (["--url", operations], SysExit.unavailable, ["operations port", "data port"]),
                    (["--url", "https://127.0.0.1:\(server.port)"], SysExit.unavailable, ["TLS", "http://"]),
                    (["--url", url, "plugni"], SysExit.usage, ["no such module", "plugin"]),
                    (["--url", url, "--plugin-config", "/nowhere.json"], SysExit.noInput, ["/nowhere.json", "exist"]),
                    (
                        ["--url", url, "--plugin-config", twoDocuments.path], SysExit.dataError,
                        ["begins a second document", "one"]
                    ),
                    (
                        ["--url", url, "--plugin-config", broken.path], SysExit.dataError,
                        ["broken.json", "line 2", "fix"]
                    ),
                    (
                        ["--url", url, "--ca", "/nowhere.pem"], SysExit.noInput,
                        ["/nowhere.pem", "does not exist", "path"]
                    ),
                    (["--url", url, "--key", "/nowhere.pem"], SysExit.usage, ["--certificate", "both"]),
                    (["--url", url, "--timeout", "soon"], SysExit.usage, ["--timeout", "soon", "such as"]),
                    (
                        ["--for", "envoy-gateway", "--url", "http://0.0.0.0:\(server.port)"], SysExit.usage,
                        ["0.0.0.0", "--as"]
                    ),
                    (
                        ["--for", "istio-wasmplugin", "--url", "http://[::1]:\(server.port)"], SysExit.usage,
                        ["::1", "--as"]
                    ),
                ]
                for (arguments, code, words) in cases {
                    let target = arguments.contains("--for") ? [] : ["--for", "envoy"]
                    let outcome = try await Outcome.of(["config"] + target + arguments, in: folder)
                    #expect(outcome.code == code, "\(arguments)")
                    #expect(outcome.output.isEmpty, "\(arguments)")
                    #expect(outcome.errors.count == 1, "\(arguments)")
                    for word in words { #expect(outcome.errors.first?.contains(word) == true, "\(arguments): \(word)") }
                }
            }
        }
    }

    // MARK: Pieces

    private static func printed(
        _ target: String,
        by server: WasmServer,
        configuredBy configuration: String?,
        in folder: URL
    ) async throws -> String {
        let url = "http://127.0.0.1:\(server.port)"
        // The gateways of these tests are on this machine, and `--as` says so.
        var arguments = ["config", "--for", target, "--url", url, "--as", url, "--quiet", "plugin"]
        if let configuration {
            let file = folder.appending(path: "plugin.yaml")
            try Data(configuration.utf8).write(to: file)
            arguments += ["--plugin-config", file.path]
        }
        let outcome = try await Outcome.of(arguments, in: folder)
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        return outcome.output
    }

    static func requirePluginRuns(
        _ version: EnvoyVersion,
        on bootstrap: String,
        from server: WasmServer
    ) async throws {
        try await withEnvoy(version, bootstrap: bootstrap) { envoy in
            let reply = try await envoy.firstReplyFromPlugin()
            #expect(reply.status == 200)
        }
        let sha256 = try await server.announcedDigest()
        #expect(try await server.accessLines().map(\.path).last == "/sha256/\(sha256).wasm")
    }

    /// The printed bootstrap on ports that are free.
    static func withFreePorts(_ bootstrap: String) -> String {
        bootstrap.replacingOccurrences(of: "port_value: 9901", with: "port_value: 0")
            .replacingOccurrences(of: "port_value: 10000", with: "port_value: 0")
    }

    /// A gateway with a filter and a cluster, as a control plane would put them there.
    private static func bootstrap(filter: String, cluster: String) -> String {
        """
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: gateway
                  route_config:
                    virtual_hosts:
                    - { name: any, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }
                  http_filters:
                  - \(indented(filter, 12))
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
          - \(indented(cluster, 4))
        """
    }

    private static func indented(_ text: String, _ columns: Int) -> String {
        text.trimmingCharacters(in: .newlines)
            .replacingOccurrences(of: "\n", with: "\n" + String(repeating: " ", count: columns))
    }
}
