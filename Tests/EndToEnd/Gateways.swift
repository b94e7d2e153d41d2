// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Synchronization
import TestSupport

/// The servers that are ready, as a Service's endpoints name them.
final class Endpoints: Sendable {
    private struct State {
        var servers: [WasmServer] = []
        var isOver = false
    }

    private let state = Mutex(State())

    /// Another one is ready.
    func add(_ server: WasmServer) {
        state.withLock { $0.servers.append(server) }
    }

    /// One is no longer ready.
    func remove(_ server: WasmServer) {
        state.withLock { state in state.servers.removeAll { $0.host == server.host } }
    }

    /// There will be no more changes.
    func end() {
        state.withLock { $0.isOver = true }
    }

    /// Whether there will be none.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Any of them, but not one that was asked before.
    func random(but previous: WasmServer? = nil) throws -> WasmServer {
        let server = state.withLock { $0.servers.filter { $0.host != previous?.host }.randomElement() }
        guard let server else { throw Unexpected("no server is ready") }
        return server
    }
}

/// What read a digest at one server, and then fetched it from another.
struct Gateways: Sendable {
    /// How it went.
    struct Tally: Sendable {
        /// How many got their module.
        var fetches = 0
        /// Digests that were announced, by how often they were fetched.
        var versions: [String: Int] = [:]
        /// What went wrong twice in a row.
        var failures: [String] = []
    }

    /// What was fetched is not what was asked for.
    private struct OtherBytes: Error {
        let server: String
        let sha256: String
    }

    /// The fewest fetches that each of them makes.
    private static let fewest = 100

    let endpoints: Endpoints
    /// The modules that there are.
    let modules: [ModuleFile]

    /// Reads and fetches for as long as servers come and go.
    func run(over wires: [WireProtocol]) async -> Tally {
        await withTaskGroup { group in
            for wire in wires { group.addTask { await fetchAll(over: wire) } }
            return await group.reduce(into: Tally()) { all, one in
                all.fetches += one.fetches
                all.failures += one.failures
                all.versions.merge(one.versions, uniquingKeysWith: +)
            }
        }
    }

    private func fetchAll(over wire: WireProtocol) async -> Tally {
        var tally = Tally()
        while !Task.isCancelled, !endpoints.isOver || tally.fetches + tally.failures.count < Self.fewest {
            do {
                let (sha256, announcer) = try await retrying { try await announced(over: wire) }
                try await retrying { try await fetch(sha256, but: announcer, over: wire) }
                tally.fetches += 1
                tally.versions[sha256, default: 0] += 1
            } catch {
                tally.failures.append("\(wire): \(error)")
            }
            // Gateways do not load a module again and again.
            try? await Task.sleep(for: .milliseconds(20))
        }
        return tally
    }

    private func announced(over wire: WireProtocol) async throws -> (sha256: String, by: WasmServer) {
        let server = try endpoints.random()
        let reply = try await server.fetch(TestRequest("GET", "/plugin.wasm.sha256"), over: wire)
        guard reply.status == 200 else { throw Unexpected("\(server.host) announces nothing: \(reply.status)") }
        return (String(reply.text.prefix(64)), server)
    }

    private func fetch(_ sha256: String, but announcer: WasmServer, over wire: WireProtocol) async throws {
        let server = try endpoints.random(but: announcer)
        let reply = try await server.fetch(TestRequest("GET", "/sha256/\(sha256).wasm"), over: wire)
        guard reply.status == 200 else {
            throw Unexpected("\(announcer.host) announces \(sha256), \(server.host) answers \(reply.status)")
        }
        guard modules.contains(where: { $0.sha256 == sha256 && $0.bytes == reply.content }) else {
            throw OtherBytes(server: server.host, sha256: sha256)
        }
    }

    /// Tries again once, within a second, as Envoy does when it is told nothing else; but there is no excuse for other bytes.
    private func retrying<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch  where !(error is OtherBytes) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1000)))
            return try await work()
        }
    }
}
