// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

/// As Envoy Gateway has it: TLS, HTTP/2, and a client certificate that names the gateway.
@Suite("An unmodified Envoy over TLS", .serialized, .timeLimit(.minutes(5)))
struct EnvoyOverTLSTests {
    private static let gateway = "spiffe://cluster.local/ns/envoy-gateway-system/sa/envoy"

    /// A server with a plain port, and one where it requires a client certificate of one identity.
    private func withServer(
        _ body: (WasmServer, TestCertificates, TestCertificates.Pair) async throws -> Void
    ) async throws {
        let flags = ["--tls-allowed-client", Self.gateway]
        try await TLSServerFixture.with(askingForCertificates: true, flags) { fixture in
            try await body(fixture.server, fixture.certificates, fixture.authority)
        }
    }

    private func configuration(_ server: WasmServer, _ tls: EnvoyTLS) async throws -> EnvoyConfiguration {
        EnvoyConfiguration.remote(
            path: "/plugin.wasm",
            sha256: try await server.announcedDigest(),
            port: try #require(server.tlsPort),
            tls: tls
        )
    }

    @Test("runs the plugin that it fetched over HTTP/2 with its certificate", arguments: EnvoyVersion.allCases)
    func mutual(version: EnvoyVersion) async throws {
        try await withServer { server, certificates, authority in
            let client = try await certificates.issue("gateway", by: authority, names: ["URI:\(Self.gateway)"])
            let tls = EnvoyTLS(authority: authority.certificate, client: client)
            try await withEnvoy(version, try await configuration(server, tls)) { envoy in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
            }
            let fetches = try await server.accessLines()
            #expect(fetches.map(\.protocol) == ["HTTP/2"])
            #expect(fetches.map(\.listener) == ["tls"])
            let metrics = try await server.operations("/metrics").text
            #expect(metrics.contains(#"wasm_server_tls_handshakes_total{listener="tls",result="ok"} 1"#))
        }
    }

    @Test("is rejected without its certificate, and the log says why", arguments: EnvoyVersion.allCases)
    func withoutCertificate(version: EnvoyVersion) async throws {
        try await withServer { server, _, authority in
            let tls = EnvoyTLS(authority: authority.certificate, client: nil)
            try await withEnvoy(version, try await configuration(server, tls)) { envoy in
                let reply = try await envoy.firstReply()
                #expect(reply.status == 503)
            }
            let line = try await server.logLine("handshake failed")
            #expect(line.reason == "missing_certificate")
        }
    }

    @Test("is rejected with somebody else's certificate, and the log names it", arguments: EnvoyVersion.allCases)
    func notAllowed(version: EnvoyVersion) async throws {
        try await withServer { server, certificates, authority in
            let client = try await certificates.issue("other", by: authority, names: ["DNS:other.example"])
            let tls = EnvoyTLS(authority: authority.certificate, client: client)
            try await withEnvoy(version, try await configuration(server, tls)) { envoy in
                let reply = try await envoy.firstReply()
                #expect(reply.status == 503)
            }
            let line = try await server.logLine("connection refused")
            #expect(line.reason == "client_not_allowed")
            #expect(line.identity?.contains("other.example") == true)
            #expect(try await server.accessLines().allSatisfy { $0.status == 403 })
        }
    }
}
