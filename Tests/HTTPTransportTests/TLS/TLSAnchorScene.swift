// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

@testable import Credentials
@testable import HTTPTransport

/// A server that trusts some authorities, of which one is not its own issuer.
struct TLSAnchorScene {
    let make: TestCertificates
    let root: TestCertificates.Pair
    let intermediate: TestCertificates.Pair
    let server: TestCertificates.Pair

    /// What a server holds that trusts some authorities.
    func credentials(
        _ authorities: [TestCertificates.Pair],
        now: @escaping @Sendable () -> Int64 = { 1_800_000_000 }
    ) async throws -> TLSCredentials {
        let files = TLSFiles(
            certificateChain: server.certificate,
            privateKey: server.key,
            clientAuthorities: try await make.bundle("authorities.pem", authorities.map(\.certificate))
        )
        return try TLSCredentials(files, now: now)
    }

    /// Whether a server with such credentials lets a client in.
    func admits(
        _ client: TestCertificates.Pair,
        sending others: [TestCertificates.Pair] = [],
        _ credentials: TLSCredentials,
        version: String = "-tls1_3"
    ) async throws -> Bool {
        var output = ""
        let security = TransportSecurity(credentials: credentials, allowedClients: AllowedClients([]))
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
            let chain = try await make.bundle("sent.pem", [client.certificate] + others.map(\.certificate))
            output = try await TLSScene(server: server, make: make, authority: root)
                .connect([version, "-cert", client.certificate, "-key", client.key, "-cert_chain", chain]).output
        }
        return output.contains("Healthy")
    }

    /// A root, an authority below it, and a server's certificate, while `body` runs.
    static func with(_ body: nonisolated(nonsending) (TLSAnchorScene) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let server = try await make.issue("server", by: root)
            try await body(TLSAnchorScene(make: make, root: root, intermediate: intermediate, server: server))
        }
    }
}
