// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ModuleCatalog
import ServerClient
import Testing

@testable import wasm_server

@Suite("Settings that belong together")
struct SettingsRulesTests {
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

    @Test("name a collector by a URL that can be one, or say where it is wrong, why, and how to write it")
    func collector() async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await settings(environment: ["WASM_SERVER_OTLP_ENDPOINT": "collector:4318"])
        }
        #expect(failure?.status == .configuration)
        #expect(
            failure?.message == """
                WASM_SERVER_OTLP_ENDPOINT: collector:4318: has no scheme; write it as http://HOST:PORT, such as \
                http://otel-collector:4318
                """
        )
        #expect(try await settings(flags: [.otlpEndpoint: "http://a:4318"]).warnings.isEmpty)
        let warnings = try await settings(flags: [.otlpEndpoint: "http://a:4317"]).warnings
        #expect(warnings.count == 1 && warnings[0].hasPrefix("--otlp-endpoint: http://a:4317 is most likely"))
    }

    @Test("name the client that is none, and want an authority for the others", arguments: ["*.example", "a.example"])
    func badClients(_ client: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await settings(flags: [.tlsCertificate: "/c", .tlsKey: "/k"], clients: [client])
        }
        #expect(failure?.message.contains(client == "a.example" ? "--tls-client-ca" : client) == true)
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

    @Test("do not have one port for two listeners, but any free ones")
    func samePorts() async throws {
        await #expect(throws: CommandFailure.self) { try await settings(flags: [.port: "1", .operationsPort: "1"]) }
        #expect(try await settings(flags: [.port: "0", .operationsPort: "0"]).port == 0)
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

    @Test("do not have peers where nothing is kept for them")
    func peersWithoutRetention() async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            try await settings(flags: [.retain: "0"], peers: ["a"])
        }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.hasPrefix("--peers has no effect with --retain 0") == true)
        #expect(try await settings(flags: [.retain: "0"]).retain == .zero)
    }
}
