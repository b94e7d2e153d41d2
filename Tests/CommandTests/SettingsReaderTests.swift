// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import HTTPTransport
import Logging
import ModuleCatalog
import Operations
import Peers
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

    @Test("do not leave a peer without a port")
    func peerWithoutPort() async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await settings(flags: [.port: "0"], peers: ["a"])
        }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.contains("--peers") == true)
        #expect(failure?.message.contains("HOST:PORT") == true)
        #expect(try await settings(flags: [.port: "0"], peers: ["a:1"]).peers.names.map(\.port) == [1])
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

    @Test(
        "of TLS that say nothing by themselves are rejected, with what is missing",
        arguments: [
            ([.tlsCertificate: "/c"], "--tls-key"), ([.tlsKey: "/k"], "--tls-certificate"),
            ([.tlsClientCA: "/a"], "--tls-certificate"), ([.tlsPort: "1"], "--tls-certificate"),
            ([.tlsPeersCA: "/p"], "--tls-certificate"),
            (
                [.tlsCertificate: "/c", .tlsKey: "/k", .tlsPeersCA: "/p"],
                "--tls-peers-ca has no effect without --peers"
            ),
        ] as [([Setting: String], String)]
    )
    func incompleteTLS(_ flags: [Setting: String], _ missing: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) { try await settings(flags: flags) }
        #expect(failure?.message.contains(missing) == true)
    }

    @Test("name the client that is none, and want an authority for the others", arguments: ["*.example", "a.example"])
    func badClients(_ client: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await settings(flags: [.tlsCertificate: "/c", .tlsKey: "/k"], clients: [client])
        }
        #expect(failure?.message.contains(client == "a.example" ? "--tls-client-ca" : client) == true)
    }

    @Test("pass over what Kubernetes puts beside a Service", arguments: [Setting.port, .operationsPort, .tlsPort])
    func serviceLinks(_ setting: Setting) async throws {
        let plain = try await settings()
        #expect(try await settings(environment: [setting.variable: "tcp://10.0.0.1:8082"]) == plain)
    }

    @Test("name no more sources than may each wait for a volume at a time, and say how to name fewer")
    func tooManySources() async throws {
        let names = (1...65).map { "/nfs/\($0).wasm" }
        #expect(try await settings(arguments: Array(names.prefix(64))).sources.count == 64)
        let variable = ["WASM_SERVER_SOURCES": names.joined(separator: ",")]
        let file = "sources:\n" + names.map { "- \($0)\n" }.joined()
        func expect(_ failure: CommandFailure?, from place: String, isUsage: Bool = false) {
            #expect(failure?.status == (isUsage ? .usage : .configuration))
            for word in [place, "65", "directory"] { #expect(failure?.message.contains(word) == true, "\(word)") }
        }
        let arguments = await #expect(throws: CommandFailure.self) { try await settings(arguments: names) }
        expect(arguments, from: "arguments", isUsage: true)
        let environment = await #expect(throws: CommandFailure.self) { try await settings(environment: variable) }
        expect(environment, from: "WASM_SERVER_SOURCES")
        let listed = await #expect(throws: CommandFailure.self) { try await settings(file: file) }
        expect(listed, from: "config.yaml, line 1: 'sources'")
    }

    @Test("name no more peers than are asked")
    func tooManyPeers() async throws {
        let names = (1...65).map { "peer-\($0)" }
        #expect(try await settings(peers: Array(names.prefix(64))).peers.names.count == 64)
        let failure = await #expect(throws: CommandFailure.self) { try await settings(peers: names) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains("--peers") == true)
        #expect(failure?.message.contains("64") == true)
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

    @Test("do not have one port for two listeners, but any free ones")
    func samePorts() async throws {
        await #expect(throws: CommandFailure.self) { try await settings(flags: [.port: "1", .operationsPort: "1"]) }
        #expect(try await settings(flags: [.port: "0", .operationsPort: "0"]).port == 0)
    }

    @Test("log in text to a terminal")
    func terminal() async throws {
        #expect(try await settings(isTerminal: true).logFormat == .text)
    }

    @Test(
        "know sizes as people write them",
        arguments: [
            ("1", 1), ("10B", 10), ("2KiB", 2048), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("32MB", 32_000_000),
            ("1 kB", 1000), ("", nil), ("MiB", nil), ("-1", nil), ("1.5MiB", nil), ("1TiB", nil), ("1mib", nil),
            ("99999999999999999999", nil), ("9999999999GiB", nil), ("0x10", nil), ("٣", nil),
        ]
    )
    func sizes(_ text: String, _ bytes: Int?) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(
        "know times as people write them",
        arguments: [
            ("5", .seconds(5)), ("0", .zero), ("5s", .seconds(5)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)),
            ("1h", .seconds(3600)), ("3 s", .seconds(3)), ("", nil), ("s", nil), ("-1", nil), ("1.5s", nil),
            ("1d", .seconds(86400)), ("5S", nil), ("99999999999999999999", nil), ("9223372036854775807h", nil),
            ("٣", nil),
        ] as [(String, Duration?)]
    )
    func times(_ text: String, _ duration: Duration?) {
        #expect(TimeSpan(text)?.duration == duration)
    }

    @Test("warn of a plain port beside one that requires client certificates")
    func plainPort() async throws {
        let tls: [Setting: String] = [.tlsCertificate: "a.pem", .tlsKey: "b.pem", .tlsClientCA: "ca.pem"]
        let both = try await settings(flags: tls.merging([.tlsPort: "8443"]) { one, _ in one })
        #expect(both.warnings.count == 1)
        #expect(
            both.warnings.first?.hasPrefix("--tls-client-ca: does not guard the plain port (--port), which") == true
        )
        #expect(try await settings(flags: tls).warnings.isEmpty)
        let open: [Setting: String] = [.tlsCertificate: "a.pem", .tlsKey: "b.pem", .tlsPort: "8443"]
        #expect(try await settings(flags: open).warnings.isEmpty)
    }

    @Test(
        "share the descriptors that the system grants",
        arguments: [(1_000_000, 1, 4096), (256, 1, 127), (256, 2, 63), (129, 1, nil)] as [(Int, Int, Int?)]
    )
    func budget(_ descriptors: Int, _ ports: Int, _ connections: Int?) {
        let budget = ConnectionBudget(wanted: 4096, ports: ports, modules: 1, descriptors: descriptors)
        #expect(budget?.data == connections)
    }
}

@Suite("Defaults, as help spells them")
struct SpelledDefaultsTests {
    @Test(
        "are times as people write them",
        arguments: [("24h", 86400.0), ("10m", 600), ("5s", 5), ("90s", 90), ("500ms", 0.5), ("0ms", 0)]
    )
    func time(_ text: String, _ seconds: Double) {
        #expect(TimeSpan.text(.seconds(seconds)) == text)
        #expect(TimeSpan(text)?.duration == .seconds(seconds))
    }

    @Test(
        "are sizes as people write them",
        arguments: [("256MiB", 268_435_456), ("2GiB", 2_147_483_648), ("1KiB", 1024), ("1000B", 1000), ("0B", 0)]
    )
    func size(_ text: String, _ bytes: Int) {
        #expect(ByteCount.text(bytes) == text)
        #expect(ByteCount(text)?.bytes == bytes)
    }
}
