// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// The gateways are curl at addresses of their own, which say what Envoy says.
@Suite("Who has fetched what", .timeLimit(.minutes(5)))
struct FleetTests {
    /// The document at `/fleet`, as a tool reads it.
    private struct Document: Decodable {
        struct Client: Decodable {
            let client: String
            let kind: String
            let state: String
            let sha256: String?
            let toldBy: String?
        }

        struct Replica: Decodable {
            let address: String
            let failure: String?
        }

        let clients: [Client]
        let replicas: [Replica]

        /// The state of each client.
        var states: [String: String] { Dictionary(clients.map { ($0.client, $0.state) }) { first, _ in first } }
    }

    private static func document(of server: WasmServer) async throws -> Document {
        let reply = try await server.operations("/fleet")
        #expect(reply.status == 200)
        #expect(reply.fields["content-type"] == "application/json")
        return try JSONDecoder().decode(Document.self, from: reply.content)
    }

    /// Fetches as a gateway would that has an address.
    private static func fetch(_ path: String, of server: WasmServer, as gateway: String) async throws -> Int {
        let envoy = ["--user-agent", "", "--header", "x-forwarded-for: \(gateway)", "--interface", gateway]
        return try await server.get(path, with: envoy).status
    }

    @Test("is told by each replica of all of them, also when one is replaced, and a pipeline waits for it")
    func rollout() async throws {
        try await withReplicas(of: 4) { group, folder in
            let (one, two) = (
                try await ModuleFile(ofSize: 30_000, to: "1/plugin.wasm", in: folder),
                try await ModuleFile(ofSize: 30_001, to: "2/plugin.wasm", in: folder)
            )
            let served = folder.path("served.wasm")
            try one.replace(served)
            var servers: [WasmServer] = []
            for number in 1...3 { servers.append(try await group.start(number, serving: served)) }
            let gateways = (1...5).map { "127.77.7.\($0)" }
            for (index, gateway) in gateways.enumerated() {
                #expect(try await Self.fetch("/served.wasm", of: servers[index % 3], as: gateway) == 200)
            }
            try two.replace(served)
            for server in servers {
                try await eventually("the second version") {
                    try await server.modules().modules("kept").isEmpty ? nil : ()
                }
            }
            // A second later nobody has come in the second of the change.
            let change = Date.now
            try await eventually("the next second") { Date.now.timeIntervalSince(change) > 1.1 ? () : nil }
            for (gateway, server) in [(0, 0), (1, 1)] {
                #expect(try await Self.fetch("/served.wasm", of: servers[server], as: gateways[gateway]) == 200)
            }
            #expect(try await Self.fetch(one.digestPath, of: servers[2], as: gateways[2]) == 200)
            #expect(try await Self.fetch("/served.wasn.wasm", of: servers[0], as: gateways[4]) == 404)
            let expected = Dictionary(
                uniqueKeysWithValues: zip(gateways, ["current", "current", "behind", "missing", "failed"])
            )
            for server in servers { try await Self.await(expected, at: server) }
            try await expectGate(servers[1], behind: gateways[2])

            await servers[0].stop()
            let replacement = try await group.start(4, serving: served)
            try await Self.await(expected, at: replacement)
            let told = try await Self.document(of: replacement)
            #expect(told.clients.allSatisfy { $0.toldBy != nil }, "it has seen nobody itself")
            try await eventually("that a replica does not answer is told") {
                try await Self.document(of: servers[1]).replicas.contains { $0.failure != nil } ? () : nil
            }
        }
    }

    private static func await(_ expected: [String: String], at server: WasmServer) async throws {
        try await eventually("what all replicas know at \(server.host)", within: .seconds(30)) {
            try await document(of: server).states == expected ? () : nil
        }
    }

    private func expectGate(_ server: WasmServer, behind gateway: String) async throws {
        try await withTemporaryFolder { folder in
            let url = "http://\(server.operationsAddress)"
            let reached = try await Outcome.of(["fleet", url, "--wait-for", "2"], in: folder)
            #expect(reached.code == 0, "\(reached.errors)")
            let late = try await Outcome.of(["fleet", url, "--wait-for", "all", "--timeout", "0s"], in: folder)
            #expect(late.code == 75)
            #expect(late.output.contains(gateway))
            #expect(late.errors.last?.contains("2 of 5 gateways") == true, "\(late.errors)")
            let metrics = try await server.operations("/metrics").text
            for (state, count) in [("current", 2), ("behind", 1), ("missing", 1), ("failed", 1)] {
                #expect(metrics.contains("wasm_server_clients{module=\"/served.wasm\",state=\"\(state)\"} \(count)"))
            }
        }
    }

    @Test("is not remembered if that is wanted")
    func off() async throws {
        try await withWasmServer(with: ["--drain-delay", "0", "--fleet-clients", "0"]) { server in
            let (module, fleet) = (try await server.get("/plugin.wasm"), try await server.operations("/fleet"))
            let metrics = try await server.operations("/metrics")
            #expect(module.status == 200)
            #expect(fleet.status == 404)
            #expect(!metrics.text.contains("wasm_server_clients"))
        }
    }
}
