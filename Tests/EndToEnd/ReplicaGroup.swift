// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// Servers that are peers: each at an address of its own, all on one port.
final class ReplicaGroup {
    /// What each of them is told of the others.
    private let peers: [String]
    private let network: LoopbackNetwork
    private let folder: URL
    private var servers: [WasmServer] = []

    fileprivate init(of count: Int, in folder: URL) async throws {
        let network = try await LoopbackNetwork()
        self.network = network
        self.folder = folder
        // A name without a port is found at the asker's own.
        peers = (1...count).flatMap { ["--peers", network.host($0)] }
    }

    /// Starts a server, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - number: Which of the addresses it gets, from 1.
    ///   - source: What it serves.
    ///   - arguments: What else it is told.
    /// - Returns: The server; it is stopped with the group, if not before.
    /// - Throws: What kept it from becoming ready.
    func start(
        _ number: Int,
        serving source: String,
        with arguments: [String] = ["--drain-delay", "0"]
    ) async throws -> WasmServer {
        let server = try await WasmServer.start(
            [source, "--port", "\(network.port)"] + peers + arguments,
            at: network.host(number),
            in: folder
        )
        servers.append(server)
        return server
    }

    fileprivate func stop() async -> [Int32] {
        await withTaskGroup { group in
            for server in servers { group.addTask { await server.stop() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    fileprivate var lastWords: String {
        get throws { try servers.map { "\($0.host):\n\(try $0.lastWords)" }.joined(separator: "\n") }
    }
}

/// Lends a group that has no server yet; all that are started have to end cleanly.
///
/// - Parameters:
///   - count: How many addresses each of its servers looks for peers at.
///   - body: What is to be done with it.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
func withReplicas<Result>(of count: Int, _ body: (ReplicaGroup, TemporaryFolder) async throws -> Result) async throws
    -> Result
{
    try await TemporaryFolder.with { modules in
        try await withTemporaryFolder { logs in
            let group = try await ReplicaGroup(of: count, in: logs)
            do {
                let result = try await body(group, modules)
                #expect(await group.stop().allSatisfy { $0 == 0 }, "a server did not end as expected")
                return result
            } catch {
                _ = await group.stop()
                Issue.record("The servers' last words were:\n\(try group.lastWords)")
                throw error
            }
        }
    }
}
