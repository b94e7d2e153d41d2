// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import TestSupport
import Testing

@testable import Credentials

/// A server asks its peers with its own certificate, and they require one as it does (RFC 8446 §4.4.2.4).
@Suite("A server whose peers require client certificates")
struct TLSPeerClientTests {
    private struct Scene {
        let make: TestCertificates
        let authority: TestCertificates.Pair

        /// What is said of a certificate, apart from what clients mind about any server's.
        func remarks(
            on pair: TestCertificates.Pair,
            allowing names: [String] = [],
            clients: String? = nil,
            forPeers: Bool = true
        ) throws -> [String] {
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: clients ?? authority.certificate
            )
            let allowed = AllowedClients(try names.map { try ClientIdentity($0) })
            let credentials = try TLSCredentials(files, forPeers: forPeers, allowing: allowed)
            return credentials.certificate.remarks.map(\.problem).filter { $0.contains("give it no modules") }
        }
    }

    private func with(_ body: nonisolated(nonsending) (Scene) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            try await body(Scene(make: make, authority: try await make.authority("authority")))
        }
    }

    private static let consequence =
        "so peers, which require client certificates as this server does, give it no modules"

    @Test("is told of an extended key usage that has no clientAuth (RFC 5280 §4.2.1.12)")
    func usage() async throws {
        try await with { scene in
            let usage = ["extendedKeyUsage=serverAuth"]
            let pair = try await scene.make.issue("server", by: scene.authority, extensions: usage)
            let expected = "its extended key usage has no clientAuth, \(Self.consequence)"
            #expect(try scene.remarks(on: pair) == [expected])
            #expect(try scene.remarks(on: pair, forPeers: false).isEmpty)
            let both = try await scene.make.issue(
                "both",
                by: scene.authority,
                extensions: ["extendedKeyUsage=serverAuth,clientAuth"]
            )
            #expect(try scene.remarks(on: both).isEmpty)
        }
    }

    @Test("is told of a certificate that leads to none of the clients' authorities")
    func authority() async throws {
        try await with { scene in
            let other = try await scene.make.authority("other")
            let pair = try await scene.make.issue("server", by: other)
            let expected = "it leads to CN=other, which is none of the authorities of clients, \(Self.consequence)"
            #expect(try scene.remarks(on: pair) == [expected])
            #expect(try scene.remarks(on: pair, clients: other.certificate).isEmpty)
            // An authority that has expired vouches for nobody.
            let past = try await scene.make.again(other, by: nil, valid: .past)
            let bundle = try await scene.make.bundle("bundle.pem", [past.certificate, scene.authority.certificate])
            #expect(try scene.remarks(on: pair, clients: bundle) == [expected])
        }
    }

    @Test("is not told of an intermediate authority that it sends, or that is named itself")
    func intermediate() async throws {
        try await with { scene in
            let lower = try await scene.make.intermediate("lower", by: scene.authority)
            let leaf = try await scene.make.issue("server", by: lower)
            let chain = try await scene.make.bundle("chain.pem", [leaf.certificate, lower.certificate])
            let pair = TestCertificates.Pair(certificate: chain, key: leaf.key)
            #expect(try scene.remarks(on: pair).isEmpty)
            #expect(try scene.remarks(on: leaf, clients: lower.certificate).isEmpty)
            #expect(try scene.remarks(on: leaf).count == 1)
        }
    }

    @Test("is told that none of its names is an allowed client's")
    func names() async throws {
        try await with { scene in
            let pair = try await scene.make.issue("server", by: scene.authority, names: ["DNS:a.example"])
            let expected = "it has only the names a.example, none of which is an allowed client's, \(Self.consequence)"
            #expect(try scene.remarks(on: pair, allowing: ["gw.example"]) == [expected])
            #expect(try scene.remarks(on: pair, allowing: ["gw.example", "a.example"]).isEmpty)
            let nameless = try await scene.make.issue("nameless", by: scene.authority, names: ["IP:127.0.0.1"])
            #expect(try scene.remarks(on: nameless, allowing: ["gw.example"]).count == 1)
        }
    }
}
