// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// A server with a plain port and one of TLS, and who vouches for its certificate.
struct TLSServerFixture {
    let server: WasmServer
    let certificates: TestCertificates
    let authority: TestCertificates.Pair
    /// What the server identifies itself with.
    let pair: TestCertificates.Pair
    let folder: URL

    /// The URL of its TLS port.
    var url: String {
        get throws { "https://localhost:\(try #require(server.tlsPort))" }
    }

    /// Serves while `body` runs.
    ///
    /// - Parameters:
    ///   - asksForCertificates: Whether clients must have a certificate of the authority.
    ///   - flags: What else the server is told.
    ///   - environment: Variables that it sees.
    ///   - certificate: Makes its certificate.
    ///   - body: What is done meanwhile.
    /// - Throws: What keeps the server from starting, and what `body` throws.
    static func with(
        askingForCertificates asksForCertificates: Bool = false,
        _ flags: [String] = [],
        environment: [String: String] = [:],
        certificate: (TestCertificates, TestCertificates.Pair) async throws -> TestCertificates.Pair = {
            try await $0.issue("server", by: $1)
        },
        _ body: (TLSServerFixture) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let certificates = TestCertificates(in: folder)
            let authority = try await certificates.authority("authority")
            let pair = try await certificate(certificates, authority)
            let arguments = [
                "--drain-delay", "0", "--tls-port", "0", "--tls-certificate", pair.certificate, "--tls-key", pair.key,
            ]
            let demand = asksForCertificates ? ["--tls-client-ca", authority.certificate] : []
            try await withWasmServer(with: arguments + demand + flags, environment: environment) { server in
                try await body(
                    TLSServerFixture(
                        server: server,
                        certificates: certificates,
                        authority: authority,
                        pair: pair,
                        folder: URL(filePath: folder.path)
                    )
                )
            }
        }
    }
}
