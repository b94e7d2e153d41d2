// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ArgumentParser
import Credentials
import Fleet
import HTTPTransport
import Logging
import ModuleCatalog
import Operations
import ProxyWasm
import ServerClient
import TestSupport
import Testing
import Tracing

@testable import wasm_server

/// A setting, under the names that the documentation has for it, and the one field that its value changes.
struct SettingExample: CustomTestStringConvertible, Sendable {
    let key: String
    let variable: String
    /// Its values; several of a list.
    let values: [String]
    let isList: Bool
    /// What it has no effect without.
    let others: [String: String]
    let change: @Sendable (inout Settings) throws -> Void

    var testDescription: String { key }

    /// A setting of one value.
    init(
        _ key: String,
        _ variable: String,
        _ value: String,
        with others: [String: String] = [:],
        _ change: @escaping @Sendable (inout Settings) throws -> Void
    ) {
        (self.key, self.variable, self.others, self.change) = (key, variable, others, change)
        (values, isList) = ([value], false)
    }

    /// A setting of a list.
    init(
        _ key: String,
        _ variable: String,
        list values: [String],
        with others: [String: String] = [:],
        _ change: @escaping @Sendable (inout Settings) throws -> Void
    ) {
        (self.key, self.variable, self.others, self.change) = (key, variable, others, change)
        (self.values, isList) = (values, true)
    }

    /// How it is given at a command line.
    var words: [String] { key == "sources" ? values : values.flatMap { ["--\(key)", $0] } }

    /// How it is given in a file.
    var yaml: String { isList ? "\(key):\n" + values.map { "- \($0)\n" }.joined() : "\(key): \(values[0])\n" }
}

@Suite("Every setting")
struct EverySettingTests {
    private static let certificate = ["tls-certificate": "/c.pem"]
    private static let key = ["tls-key": "/k.pem"]
    private static let tls = ["tls-certificate": "/c.pem", "tls-key": "/k.pem"]
    private static let mutualTLS = ["tls-certificate": "/c.pem", "tls-key": "/k.pem", "tls-client-ca": "/a.pem"]
    private static let tlsPeers = ["tls-certificate": "/c.pem", "tls-key": "/k.pem", "peers": "other"]

    static let examples = [
        SettingExample("sources", "WASM_SERVER_SOURCES", list: ["/m/a.wasm", "/n"]) {
            $0.sources = [.path("/m/a.wasm"), .path("/n")]
        },
        SettingExample("host", "WASM_SERVER_HOST", "192.0.2.7") { $0.host = "192.0.2.7" },
        SettingExample("port", "WASM_SERVER_PORT", "18082") { $0.port = 18082 },
        SettingExample("operations-port", "WASM_SERVER_OPERATIONS_PORT", "0") { $0.operationsPort = 0 },
        SettingExample("tls-certificate", "WASM_SERVER_TLS_CERTIFICATE", "/new.pem", with: key) {
            $0.tls.certificate = "/new.pem"
        },
        SettingExample("tls-key", "WASM_SERVER_TLS_KEY", "/new.pem", with: certificate) { $0.tls.key = "/new.pem" },
        SettingExample("tls-client-ca", "WASM_SERVER_TLS_CLIENT_CA", "/ca.pem", with: tls) {
            $0.tls.clientAuthorities = "/ca.pem"
        },
        SettingExample(
            "tls-allowed-client",
            "WASM_SERVER_TLS_ALLOWED_CLIENT",
            list: ["spiffe://cluster.local/ns/gateways/sa/envoy", "a.example"],
            with: mutualTLS
        ) {
            $0.tls.allowedClients = [
                try ClientIdentity("spiffe://cluster.local/ns/gateways/sa/envoy"), try ClientIdentity("a.example"),
            ]
        },
        SettingExample("tls-peers-ca", "WASM_SERVER_TLS_PEERS_CA", "/p.pem", with: tlsPeers) {
            $0.tls.peerAuthorities = "/p.pem"
        },
        SettingExample("tls-port", "WASM_SERVER_TLS_PORT", "8443", with: tls) { $0.tls.port = 8443 },
        SettingExample("peers", "WASM_SERVER_PEERS", list: ["wasm-server.gateways", "192.0.2.1:8083"]) {
            $0.peers.names = [try ServerName("wasm-server.gateways"), try ServerName("192.0.2.1:8083")]
        },
        SettingExample("adopt-timeout", "WASM_SERVER_ADOPT_TIMEOUT", "1500ms") {
            $0.peers.adoptTimeout = .milliseconds(1500)
        },
        SettingExample("max-module-size", "WASM_SERVER_MAX_MODULE_SIZE", "3KiB") { $0.maximumModuleSize = 3072 },
        SettingExample("host-profile", "WASM_SERVER_HOST_PROFILE", "envoy-1.36") {
            $0.hostProfile = try #require(HostProfile(named: "envoy-1.36"))
        },
        SettingExample("admission", "WASM_SERVER_ADMISSION", "warn") { $0.admission = .warn },
        SettingExample("max-connections", "WASM_SERVER_MAX_CONNECTIONS", "7") { $0.maximumConnections = 7 },
        SettingExample("max-connections-per-client", "WASM_SERVER_MAX_CONNECTIONS_PER_CLIENT", "5") {
            $0.maximumConnectionsPerClient = 5
        },
        SettingExample("trusted-proxies", "WASM_SERVER_TRUSTED_PROXIES", list: ["10.0.0.0/8", "2001:db8::1"]) {
            $0.fleet.trustedProxies = [try AddressRange("10.0.0.0/8"), try AddressRange("2001:db8::1")]
        },
        SettingExample("fleet-clients", "WASM_SERVER_FLEET_CLIENTS", "9") { $0.fleet.clients = 9 },
        SettingExample("fleet-retain", "WASM_SERVER_FLEET_RETAIN", "3d") { $0.fleet.retain = .seconds(259_200) },
        SettingExample("retain", "WASM_SERVER_RETAIN", "2d") { $0.retain = .seconds(172_800) },
        SettingExample("retain-memory", "WASM_SERVER_RETAIN_MEMORY", "1MB") { $0.retainedMemory = 1_000_000 },
        SettingExample("rehash", "WASM_SERVER_REHASH", "90s") { $0.rehash = .seconds(90) },
        SettingExample("drain-delay", "WASM_SERVER_DRAIN_DELAY", "500ms") { $0.drainDelay = .milliseconds(500) },
        SettingExample("drain-timeout", "WASM_SERVER_DRAIN_TIMEOUT", "2m") { $0.drainTimeout = .seconds(120) },
        SettingExample("log-level", "WASM_SERVER_LOG_LEVEL", "error") { $0.logLevel = .error },
        SettingExample("log-format", "WASM_SERVER_LOG_FORMAT", "text") { $0.logFormat = .text },
        SettingExample("otlp-endpoint", "WASM_SERVER_OTLP_ENDPOINT", "https://otel.example/in") {
            $0.otlpEndpoint = try CollectorEndpoint("https://otel.example/in/")
        },
    ]

    @Test("has an example")
    func completeness() {
        #expect(Self.examples.map(\.key) == Setting.allCases.map(\.key))
    }

    @Test("changes what it names and nothing else, given by a flag", arguments: examples)
    func flag(_ example: SettingExample) async throws {
        try await expect(example, "\(example.key == "sources" ? "arguments" : "--\(example.key)")") { others in
            let command = try ServeCommand.parse(example.words + others.flatMap { ["--\($0)", $1] })
            return try SettingsReader(flags: command.words, environment: [:]).settings(demo: false, isTerminal: false)
        }
    }

    @Test("changes what it names and nothing else, given by a variable", arguments: examples)
    func variable(_ example: SettingExample) async throws {
        try await expect(example, example.variable) { others in
            var environment = [example.variable: example.values.joined(separator: ", ")]
            for other in Self.examples {
                environment[other.variable] = environment[other.variable] ?? others[other.key]
            }
            return try await settings(environment: environment)
        }
    }

    @Test("changes what it names and nothing else, given in the file", arguments: examples)
    func file(_ example: SettingExample) async throws {
        try await expect(example, "config.yaml, line 1: '\(example.key)'") { others in
            let rest = others.map { $0 == "peers" ? "\($0): [\($1)]\n" : "\($0): \($1)\n" }.joined()
            return try await settings(file: example.yaml + rest)
        }
    }

    /// Expects the settings to be the defaults but for what the example names and needs, and to know where it was given.
    private func expect(
        _ example: SettingExample,
        _ place: String,
        given: ([String: String]) async throws -> Settings
    ) async throws {
        var (given, expected) = (try await given(example.others), Settings())
        expected.tls.certificate = example.others["tls-certificate"]
        expected.tls.key = example.others["tls-key"]
        expected.tls.clientAuthorities = example.others["tls-client-ca"]
        expected.peers.names = try example.others["peers"].map { [try ServerName($0)] } ?? []
        #expect(example.isDifferent(from: expected))
        try example.change(&expected)
        let places = Dictionary(uniqueKeysWithValues: given.places.map { ($0.key.key, $0.value.name) })
        #expect(places[example.key]?.hasSuffix(place) == true)
        #expect(Set(places.keys) == Set(example.others.keys).union([example.key]))
        (given.places, given.warnings) = ([:], [])
        #expect(given == expected)
    }
}

extension SettingExample {
    /// Whether the change is one.
    fileprivate func isDifferent(from settings: Settings) -> Bool {
        var changed = settings
        do { try change(&changed) } catch { return false }
        return changed != settings
    }
}
