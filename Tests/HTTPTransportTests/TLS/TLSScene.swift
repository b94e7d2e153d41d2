// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import HTTPTransport
import ModuleCatalog
import TestSupport

@testable import Credentials
@testable import HTTPProtocol

/// A server with a certificate of its own, and the means to connect to it with `openssl`.
struct TLSScene {
    let server: LiveServer
    let make: TestCertificates
    let authority: TestCertificates.Pair

    /// A request behind whose answer the server closes the connection.
    static let request = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Serves while `body` runs.
    ///
    /// - Parameters:
    ///   - demandingClients: Whether clients need a certificate of the authority.
    ///   - allowing: Which of them may fetch; none stands for all.
    ///   - key: The kind of the server's key.
    ///   - limits: What clients may do.
    ///   - body: Is given the scene.
    /// - Throws: What `body` does, or if the server cannot be started or stopped.
    static func with(
        demandingClients: Bool = true,
        allowing: [String] = [],
        key: TestCertificates.Key = .p256,
        limits: Limits = .timeless,
        _ body: nonisolated(nonsending) (TLSScene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority, key: key)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: demandingClients ? authority.certificate : nil
            )
            let security = TransportSecurity(
                credentials: try TLSCredentials(files),
                allowedClients: AllowedClients(try allowing.map { try ClientIdentity($0) })
            )
            let snapshot = try Snapshot.of(["plugin.wasm": WasmModule.plugin])
            try await LiveServer.with(snapshot, limits: limits, security: security) { server in
                try await body(TLSScene(server: server, make: make, authority: authority))
            }
        }
    }

    /// Connects with `openssl s_client`, asks, and reads until the server closes.
    func connect(_ options: [String], sending text: String = request) async throws -> CommandLineTool.Result {
        try await CommandLineTool.run(
            ["openssl", "s_client", "-ign_eof", "-connect", "127.0.0.1:\(server.securePort)"] + options,
            input: text
        )
    }

    /// All that happened to the connections, once that many have ended.
    func events(ofConnections count: Int = 1) async -> [ConnectionEvent] {
        await server.observer.awaitEvent(.closed, count: count)
        return server.observer.events
    }
}
