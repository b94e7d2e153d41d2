// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

/// What is expected here is what Envoy 1.40.0 and 1.36.2, Go 1.27 and OpenSSL 3.0 did with such certificates.
@Suite("What clients mind about a server's certificate")
struct CertificateRemarkTests {
    private static let now: Int64 = 1_800_000_000

    private func remarks(
        _ files: [String],
        peers: String? = nil
    ) throws -> [CertificateRemark] {
        let chain = try #require(CertificateChain(try files.flatMap { try NIOSSLCertificate.fromPEMFile($0) }))
        let anchors = try peers.map { path in
            TrustAnchors(try NIOSSLCertificate.fromPEMFile(path), for: .server, at: Self.now)
        }
        return chain.remarks(peers: anchors, at: Self.now)
    }

    private func warnings(_ files: [String], peers: String? = nil) throws -> [String] {
        try remarks(files, peers: peers).filter { $0.weight != .note }.map(\.description)
    }

    @Test(
        "is nothing about RSA and P-256, with a name and an authority that they know",
        arguments: [.p256, .rsa] as [TestCertificates.Key]
    )
    func good(_ kind: TestCertificates.Key) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let pair = try await make.issue("server", by: root, key: kind, extensions: ["extendedKeyUsage=serverAuth"])
            #expect(try remarks([pair.certificate, root.certificate]).isEmpty)
            #expect(try remarks([pair.certificate], peers: root.certificate).isEmpty)
            // Whether the authority is a root that they know cannot be told.
            let alone = try remarks([pair.certificate])
            #expect(alone.map(\.weight) == [.note])
            #expect(alone.first?.problem == "it leads to CN=root, whose certificate is not in the file")
        }
    }

    @Test(
        "is a key that Envoy does not take by default",
        arguments: [(.p384, "EC on P-384"), (.p521, "EC on P-521"), (.ed25519, "Ed25519")]
            as [(TestCertificates.Key, String)]
    )
    func keys(_ kind: TestCertificates.Key, _ name: String) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.issue("server", by: try await make.authority("root"), key: kind)
            let warnings = try warnings([pair.certificate])
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("its key is \(name), which Envoy rejects unless") == true)
            #expect(warnings.first?.contains("istio-agent and Envoy Gateway accept it") == true)
        }
    }

    @Test("is a name, a usage or a digest that it lacks")
    func lacks() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let nameless = try await make.issue("nameless", by: root, names: [])
            #expect(try warnings([nameless.certificate]).first?.contains("no subject alternative name") == true)
            let usage = ["extendedKeyUsage=clientAuth"]
            let client = try await make.issue("client", by: root, extensions: usage)
            #expect(try warnings([client.certificate]).first?.contains("serverAuth, so every client rejects") == true)
            let old = try await make.issue("old", by: root, digest: "sha1")
            #expect(try warnings([old.certificate]).first?.contains("SHA-1") == true)
            let short = try await make.issue("short", by: root, key: .rsa1024)
            #expect(try warnings([short.certificate]).first?.contains("RSA with 1024 bits") == true)
        }
    }

    @Test("is a chain that does not lead to whom peers trust, or says that somebody may lack its issuer")
    func missingIntermediate() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let pair = try await make.issue("server", by: intermediate)
            let lack = try warnings([pair.certificate], peers: root.certificate)
            #expect(lack.first?.contains("it leads to CN=intermediate") == true)
            #expect(lack.first?.contains("nor among the authorities that peers trust") == true)
            #expect(try warnings([pair.certificate, intermediate.certificate], peers: root.certificate).isEmpty)
            #expect(try warnings([pair.certificate], peers: intermediate.certificate).isEmpty)
            let address = ["authorityInfoAccess=caIssuers;URI:http://pki.example/ca.crt"]
            let remote = try await make.issue("remote", by: intermediate, extensions: address)
            #expect(try warnings([remote.certificate]).count == 1)
        }
    }

    @Test("is a certificate on the way that has expired or is no authority's, in whatever order they come")
    func links() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let past = try await make.intermediate("past", by: root, valid: .past)
            let pair = try await make.issue("server", by: past)
            let expired = try warnings([pair.certificate, root.certificate, past.certificate])
            #expect(expired.count == 1)
            #expect(expired.first?.hasPrefix("its certificate number 3, of CN=past, is not valid now") == true)
            let leaf = try await make.issue("leaf", by: root)
            let below = try await make.issue("below", by: leaf)
            let wrong = try warnings([below.certificate, leaf.certificate, root.certificate])
            #expect(wrong.first?.hasPrefix("its certificate number 2, of CN=leaf, is not an authority's") == true)
        }
    }
}
