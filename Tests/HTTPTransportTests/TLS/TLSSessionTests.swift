// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Synchronization
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

/// A session must not outlast the certificate that it began with, nor keep out a client with a new one: a server may decline any
/// ticket and go on with a full handshake (RFC 5077 §3.4, RFC 8446 §4.2.11).
@Suite("A TLS session that began with a certificate which has expired since")
struct TLSSessionTests {
    private static let versions = ["-tls1_2", "-tls1_3"]
    private static let names = ["DNS:gateway.example"]

    private struct Scene {
        let tls: TLSScene
        /// Expires before everything else.
        let old: TestCertificates.Pair
        let session: String

        func connect(_ version: String, _ pair: TestCertificates.Pair, _ others: [String]) async throws -> String {
            try await tls.connect([version, "-cert", pair.certificate, "-key", pair.key] + others).output
        }
    }

    /// A client has a session and its certificate has expired; `body` is what it does then.
    private func with(
        _ version: String,
        allowing: [String],
        _ body: nonisolated(nonsending) (Scene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority", valid: .long)
            let pair = try await make.issue("server", by: authority, valid: .long)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: authority.certificate
            )
            let expiry = TestCertificates.Validity.present.expiry
            let now = Mutex<Int64>(expiry)
            let security = TransportSecurity(
                credentials: try TLSCredentials(files) { now.withLock(\.self) },
                allowedClients: AllowedClients(try allowing.map { try ClientIdentity($0) })
            )
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
                let old = try await make.issue("old", by: authority, names: Self.names)
                let tls = TLSScene(server: server, make: make, authority: authority)
                let scene = Scene(tls: tls, old: old, session: folder.path("session"))
                let first = try await scene.connect(version, old, ["-sess_out", scene.session])
                #expect(first.contains("200 OK"))
                // In its last second it is valid (RFC 5280 §4.1.2.5), and so is the session.
                let second = try await scene.connect(version, old, ["-sess_in", scene.session])
                #expect(second.contains("Reused, TLSv1.") && second.contains("200 OK"))
                now.withLock { $0 = expiry + 1 }
                try await body(scene)
            }
        }
    }

    @Test(
        "is declined, so that a client with a new certificate is served",
        arguments: versions,
        [[], ["gateway.example"]]
    )
    func renewed(_ version: String, _ allowing: [String]) async throws {
        try await with(version, allowing: allowing) { scene in
            let make = scene.tls.make
            let new = try await make.issue("new", by: scene.tls.authority, names: Self.names, valid: .long)
            let output = try await scene.connect(version, new, ["-sess_in", scene.session])
            #expect(output.contains("New, TLSv1.") && output.contains("200 OK"))
            #expect(await scene.tls.events(ofConnections: 3).filter { $0 == .handshakeCompleted }.count == 3)
            #expect(scene.tls.server.observer.identities.isEmpty)
            // What begins then can be resumed again.
            let session = "\(scene.session).new"
            _ = try await scene.connect(version, new, ["-sess_out", session])
            #expect(try await scene.connect(version, new, ["-sess_in", session]).contains("Reused, TLSv1."))
        }
    }

    // The judge of a full handshake is the system's clock, by which the certificate is valid; it stands for one that expired meanwhile.
    @Test("opens nothing, and the client is told that its certificate expired", arguments: versions)
    func expired(_ version: String) async throws {
        try await with(version, allowing: []) { scene in
            let output = try await scene.connect(version, scene.old, ["-sess_in", scene.session])
            #expect(output.contains("New, TLSv1.") && output.contains("403 Forbidden"))
            let reason = "The certificate of this client, gateway.example, expired at Thu, 31 Dec 2099 23:59:59 GMT;"
            #expect(output.contains(reason))
            #expect(await scene.tls.events(ofConnections: 3).contains(.refused(.expiredCertificate)))
        }
    }

    @Test("opens nothing without a certificate", arguments: versions)
    func nothing(_ version: String) async throws {
        try await with(version, allowing: []) { scene in
            let output = try await scene.tls.connect([version, "-sess_in", scene.session]).output
            #expect(!output.contains("HTTP/1.1"))
            #expect(await scene.tls.events(ofConnections: 3).contains(.handshakeFailed(.missingCertificate)))
        }
    }
}
