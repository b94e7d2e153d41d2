// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

@Suite("What is offered in TLS as a client offers it", .serialized, .timeLimit(.minutes(5)))
struct TLSOfferTests {
    private func offer(of client: TLSClient) async throws -> TLSOffer? {
        try await TLSOffer.first { port in
            var configuration = TLSConfiguration.makeClientConfiguration()
            client.configure(&configuration)
            try await TLSOffer.beginHandshake(configuration, port: port)
        }
    }

    @Test("is what an unmodified Envoy offers that was told nothing about it", arguments: EnvoyVersion.allCases)
    func envoy(version: EnvoyVersion) async throws {
        try await TemporaryFolder.with { folder in
            let authority = try await TestCertificates(in: folder).authority("authority")
            let real = try await TLSOffer.first { port in
                let configuration = EnvoyConfiguration.remote(
                    path: "/plugin.wasm",
                    sha256: String(repeating: "0", count: 64),
                    port: port,
                    tls: EnvoyTLS(authority: authority.certificate, client: nil)
                )
                try await withEnvoy(version, configuration) { _ = try await $0.firstReply() }
            }
            #expect(try await offer(of: .envoy) == real)
        }
    }

    // What Go 1.27 offers, but for three groups and three signatures of post-quantum kinds that BoringSSL does not have.
    @Test("is what Go offers, as far as certificates go")
    func go() async throws {
        let offer = try #require(try await offer(of: .go))
        #expect(offer.versions == [0x0304, 0x0303])
        #expect(offer.groups == [0x11ec, 0x001d, 0x0017, 0x0018, 0x0019])
        let signatures: [UInt16] = [0x0804, 0x0403, 0x0807, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0503, 0x0603]
        #expect(offer.signatures == signatures)
        let suites: Set<UInt16> = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014]
        #expect(Set(offer.suites).subtracting([0x1301, 0x1302, 0x1303]) == suites)
    }
}
