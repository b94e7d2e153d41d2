// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import HTTPTransport
import Logging
import ModuleCatalog
import Operations
import ServerClient
import TestSupport
import Testing

@testable import wasm_server

@Suite("Settings")
struct SettingsReaderTests {
    @Test("have the documented defaults")
    func defaults() async throws {
        let settings = try await settings()
        #expect(settings.sources == [.plugin(file: "/wasm/plugin.wasm")])
        #expect(settings.host == nil)
        #expect(settings.port == 8082)
        #expect(settings.operationsPort == 9082)
        #expect(settings.maximumModuleSize == 256 << 20)
        #expect(settings.tls == TLSSettings())
        #expect(settings.maximumConnections == 4096)
        #expect(settings.maximumConnectionsPerClient == nil)
        #expect(settings.drainDelay == .seconds(5))
        #expect(settings.drainTimeout == .seconds(30))
        #expect(settings.peers.names.isEmpty)
        #expect(settings.retain == .seconds(24 * 60 * 60))
        #expect(settings.retainedMemory == 256 << 20)
        #expect(settings.rehash == .seconds(10 * 60))
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .json)
    }

    @Test("come from flags before variables before the file")
    func precedence() async throws {
        let file = "port: 1\nhost: file\nlog-level: debug\noperations-port: 4\n"
        let environment = ["WASM_SERVER_PORT": "2", "WASM_SERVER_HOST": "variable"]
        let settings = try await settings(flags: [.port: "3"], environment: environment, file: file)
        #expect(settings.port == 3)
        #expect(settings.host == "variable")
        #expect(settings.logLevel == .debug)
        #expect(settings.operationsPort == 4)
    }

    @Test("take allowed clients from flags, then variables, then the file")
    func allowedClients() async throws {
        let tls: [Setting: String] = [.tlsCertificate: "/c", .tlsKey: "/k", .tlsClientCA: "/a"]
        let spiffe = "spiffe://cluster.local/ns/gateways/sa/envoy"
        let file = "tls-allowed-client:\n- \(spiffe)\n- f.example\n"
        let environment = ["WASM_SERVER_TLS_ALLOWED_CLIENT": "v1.example,v2.example"]
        func clients(_ settings: Settings) -> [String] { settings.tls.allowedClients.map(\.description) }
        let flags = try await settings(flags: tls, environment: environment, file: file, clients: ["a.example"])
        #expect(clients(flags) == ["a.example"])
        let variables = try await settings(flags: tls, environment: environment, file: file)
        #expect(clients(variables) == ["v1.example", "v2.example"])
        #expect(clients(try await settings(flags: tls, file: file)) == [spiffe, "f.example"])
    }

    @Test("take peers from flags, then variables, then the file")
    func peers() async throws {
        let file = "peers:\n- wasm-server.gateways\n- 192.0.2.1:8083\n- '[2001:db8::1]:8083'\nadopt-timeout: 7s\n"
        let environment = ["WASM_SERVER_PEERS": "a,b", "WASM_SERVER_ADOPT_TIMEOUT": "8"]
        func names(_ settings: Settings) -> [String] { settings.peers.names.map(\.description) }
        let flags = try await settings(environment: environment, file: file, peers: ["c:1", "d"])
        #expect(names(flags) == ["c:1", "d"])
        let variables = try await settings(environment: environment, file: file)
        #expect(names(variables) == ["a", "b"])
        #expect(variables.peers.adoptTimeout == .seconds(8))
        let listed = try await settings(file: file)
        #expect(names(listed) == ["wasm-server.gateways", "192.0.2.1:8083", "[2001:db8::1]:8083"])
        #expect(listed.peers.adoptTimeout == .seconds(7))
        #expect(try await settings(peers: ["a"]).peers.adoptTimeout == .seconds(5))
    }

    @Test("look for peers at the port where they would look for this server")
    func peerPort() async throws {
        #expect(try await settings(peers: ["a"]).peerPort == 8082)
        #expect(try await settings(flags: [.port: "1"], peers: ["a"]).peerPort == 1)
        let tls: [Setting: String] = [.tlsCertificate: "/c", .tlsKey: "/k"]
        #expect(try await settings(flags: tls, peers: ["a"]).peerPort == 8082)
        let both = tls.merging([.tlsPort: "2"]) { first, _ in first }
        #expect(try await settings(flags: both, peers: ["a"]).peerPort == 2)
    }

    @Test(
        "name the peer that is none, and where it was given",
        arguments: ["http://a", "a:0", "a:", "a:65536", "a/b", "[::1"]
    )
    func badPeers(_ peer: String) async throws {
        let flag = await #expect(throws: CommandFailure.self) { try await settings(peers: [peer]) }
        #expect(flag?.status == .usage)
        #expect(flag?.message.contains("--peers") == true)
        #expect(flag?.message.contains(peer) == true)
        let variable = await #expect(throws: CommandFailure.self) {
            try await settings(environment: ["WASM_SERVER_PEERS": "a,\(peer)"])
        }
        #expect(variable?.status == .configuration)
        #expect(variable?.message.contains("WASM_SERVER_PEERS") == true)
        let file = await #expect(throws: CommandFailure.self) { try await settings(file: "peers: ['a', '\(peer)']") }
        #expect(file?.status == .configuration)
        #expect(file?.message.contains("config.yaml, line 1: 'peers'") == true)
    }

    @Test("pass over what Kubernetes puts beside a Service", arguments: [Setting.port, .operationsPort, .tlsPort])
    func serviceLinks(_ setting: Setting) async throws {
        let plain = try await settings()
        #expect(try await settings(environment: [setting.variable: "tcp://10.0.0.1:8082"]) == plain)
    }

    @Test("take sources from arguments, then variables, then the file")
    func sources() async throws {
        let file = "sources:\n- f1\n- f2\n"
        let kuadrant = ["WASM_SERVER_FILE_PATH": "/k/shim"]
        let listed = ["WASM_SERVER_SOURCES": "v1,v2"]
        #expect(try await settings(environment: kuadrant, file: file, arguments: ["a"]).sources == [.path("a")])
        #expect(try await settings(environment: kuadrant, file: file).sources == [.plugin(file: "/k/shim")])
        #expect(try await settings(environment: listed, file: file).sources == [.path("v1"), .path("v2")])
        #expect(try await settings(file: file).sources == [.path("f1"), .path("f2")])
        #expect(try await settings(environment: kuadrant, demo: true).sources == [.demo])
        #expect(try await settings(arguments: ["a"], demo: true).sources == [.demo, .path("a")])
    }

    @Test("log in text to a terminal")
    func terminal() async throws {
        #expect(try await settings(isTerminal: true).logFormat == .text)
    }
}
