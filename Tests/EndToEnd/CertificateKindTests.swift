// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// Each verdict is that of an unmodified Envoy which is told nothing about TLS but whom to trust.
@Suite("A server's certificate", .serialized, .timeLimit(.minutes(5)))
struct CertificateKindTests {
    /// A certificate, and what becomes of it.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var key = TestCertificates.Key.p256
        var names = ["DNS:localhost"]
        var extensions: [String] = []
        /// The words by which it is warned of; nil if Envoy takes it.
        let warning: String?
    }

    private static let kinds = [
        Kind(testDescription: "with a key on P-256", warning: nil),
        Kind(testDescription: "with an RSA key", key: .rsa, warning: nil),
        Kind(testDescription: "with a key on P-384", key: .p384, warning: "EC on P-384, which Envoy rejects unless"),
        Kind(testDescription: "with a key on P-521", key: .p521, warning: "EC on P-521, which Envoy rejects unless"),
        Kind(testDescription: "with a key for Ed25519", key: .ed25519, warning: "Ed25519, which Envoy rejects unless"),
        Kind(testDescription: "without a name", names: [], warning: "no subject alternative name"),
        Kind(
            testDescription: "for clients only",
            extensions: ["extendedKeyUsage=clientAuth"],
            warning: "no serverAuth, so every client rejects it"
        ),
    ]

    /// The files of a certificate, and what `serve` is told of them.
    private func with(
        _ kind: Kind,
        _ body: (_ authority: String, _ flags: [String], _ folder: URL) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let pair = try await make.issue(
                "server",
                by: root,
                names: kind.names,
                key: kind.key,
                extensions: kind.extensions
            )
            let flags = ["--tls-certificate", pair.certificate, "--tls-key", pair.key]
            try await body(root.certificate, flags, URL(filePath: folder.path))
        }
    }

    @Test("is warned of by --check and in the log, if Envoy rejects it", arguments: kinds)
    func warning(_ kind: Kind) async throws {
        try await with(kind) { _, flags, folder in
            let outcome = try await Outcome.of(["serve", "--demo", "--check"] + flags, in: folder)
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("issued by CN=root"))
            // The root need not be in the file, but whether this is a root cannot be told.
            #expect(outcome.output.contains("note      \(flags[1]): it leads to CN=root"))
            let warnings = outcome.output.split(separator: "\n").filter { $0.hasPrefix("warning ") }
            #expect(warnings.count == (kind.warning == nil ? 0 : 1))
            try await withWasmServer(with: flags + ["--drain-delay", "0", "--tls-port", "0"]) { server in
                guard let words = kind.warning else {
                    try await server.logLine("ready")
                    #expect(try !server.lastWords.contains("certificate that clients reject"))
                    return
                }
                #expect(warnings.first?.contains(words) == true)
                let line = try await server.logLine("certificate that clients reject")
                #expect(line.reason?.contains(words) == true)
            }
        }
    }

    @Test("fails in a probe, if Envoy rejects it", arguments: kinds)
    func probe(_ kind: Kind) async throws {
        try await with(kind) { authority, flags, folder in
            try await withWasmServer(with: flags + ["--drain-delay", "0", "--tls-port", "0"]) { server in
                let url = "https://localhost:\(try #require(server.tlsPort))"
                let outcome = try await Outcome.of(["probe", url, "--ca", authority], in: folder)
                guard let words = kind.warning else {
                    #expect(outcome.code == 0, "\(outcome.output)")
                    return
                }
                #expect(outcome.code == SysExit.protocolError)
                let lines = outcome.output.split(separator: "\n")
                #expect(lines.contains { $0.hasPrefix("FAILED ") && $0.contains(words) })
                guard kind.key != .p256 else { return }
                // Go takes it, and so does Envoy with what `config` prints.
                #expect(lines.contains { $0.hasPrefix("FAILED ") && $0.contains("HTTP/1.1, as Envoy asks") })
                #expect(lines.contains { $0.hasPrefix("ok ") && $0.contains("as istio-agent and Envoy Gateway ask") })
                #expect(lines.contains { $0.hasPrefix("ok ") && $0.contains("tls_params that `config` prints") })
            }
        }
    }

    @Test(
        "is taken by Envoy with the tls_params that `config` prints, if it is only the key's kind",
        arguments: kinds.filter { $0.key != .p256 },
        EnvoyVersion.allCases
    )
    func parameters(_ kind: Kind, version: EnvoyVersion) async throws {
        try await with(kind) { authority, flags, folder in
            try await withWasmServer(with: flags + ["--drain-delay", "0", "--tls-port", "0"]) { server in
                let url = "https://localhost:\(try #require(server.tlsPort))"
                let outcome = try await Outcome.of(
                    ["config", "--for", "envoy", "--url", url, "--as", url, "--ca", authority],
                    in: folder
                )
                #expect(outcome.output.contains("tls_maximum_protocol_version: TLSv1_3"))
                let bootstrap = GatewayConfigurationTests.withFreePorts(outcome.output)
                    .replacingOccurrences(of: "/etc/ssl/certs/ca-certificates.crt", with: authority)
                try await GatewayConfigurationTests.requirePluginRuns(version, on: bootstrap, from: server)
            }
        }
    }

    @Test("is taken by Envoy, or is not, as it is warned of", arguments: kinds, EnvoyVersion.allCases)
    func envoy(_ kind: Kind, version: EnvoyVersion) async throws {
        try await with(kind) { authority, flags, _ in
            try await withWasmServer(with: flags + ["--drain-delay", "0", "--tls-port", "0"]) { server in
                let configuration = EnvoyConfiguration.remote(
                    path: "/plugin.wasm",
                    sha256: try await server.announcedDigest(),
                    port: try #require(server.tlsPort),
                    tls: EnvoyTLS(authority: authority, client: nil)
                )
                try await withEnvoy(version, configuration) { envoy in
                    let reply = try await envoy.firstReply()
                    #expect(reply.status == (kind.warning == nil ? 200 : 503))
                }
                guard kind.warning != nil else { return }
                let reason = try await server.logLine("handshake failed").reason
                #expect(["no_shared_curve", "no_shared_signature", "server_certificate_rejected"].contains(reason))
            }
        }
    }
}
