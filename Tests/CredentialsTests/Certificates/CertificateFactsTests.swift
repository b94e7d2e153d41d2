// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

@Suite("What a certificate says")
struct CertificateFactsTests {
    private func facts(_ pair: TestCertificates.Pair) throws -> CertificateFacts {
        try CertificateFacts(try #require(try NIOSSLCertificate.fromPEMFile(pair.certificate).first))
    }

    @Test(
        "is the kind of its key",
        arguments: [
            (.p256, "EC on P-256"), (.p384, "EC on P-384"), (.p521, "EC on P-521"), (.rsa, "RSA with 2048 bits"),
            (.ed25519, "Ed25519"), (.secp256k1, "of the kind 1.3.132.0.10"),
        ] as [(TestCertificates.Key, String)]
    )
    func kinds(_ kind: TestCertificates.Key, _ name: String) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.issue("server", by: try await make.authority("authority"), key: kind)
            #expect(try "\(facts(pair).key)" == name)
        }
    }

    // RFC 5280 §4.2.1.12: without the extension the key may be used for anything.
    @Test(
        "is what it may be used for",
        arguments: [
            (nil, true, true), ("serverAuth", true, false), ("clientAuth", false, true),
            ("serverAuth,clientAuth", true, true), ("codeSigning", false, false),
        ] as [(String?, Bool, Bool)]
    )
    func usages(_ usages: String?, _ servers: Bool, _ clients: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let extensions = usages.map { ["extendedKeyUsage=\($0)"] } ?? []
            let facts = try facts(try await make.issue("server", by: authority, extensions: extensions))
            #expect(facts.isForServers == servers)
            #expect(facts.isForClients == clients)
        }
    }

    // RFC 5280 §4.2.1.6: a name of four or sixteen bytes is an address.
    @Test("is whom it is for, addresses among them")
    func alternativeNames() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let names = ["DNS:a.example", "IP:192.0.2.1", "IP:2001:db8::1", "URI:spiffe://a/b"]
            let pair = try await make.issue("server", by: authority, names: names)
            let certificate = try #require(try NIOSSLCertificate.fromPEMFile(pair.certificate).first)
            #expect(CertificateNames(certificate).text == "spiffe://a/b,a.example,192.0.2.1,2001:db8::1")
        }
    }

    @Test("is whether it is an authority's, and whether it has names")
    func extensions() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let leaf = try facts(try await make.issue("server", by: root))
            let nameless = try facts(try await make.issue("nameless", by: root, names: [], digest: "sha1"))
            #expect(try facts(root).isAuthority && facts(root).isSelfIssued)
            #expect(!leaf.isAuthority && !leaf.isSelfIssued && leaf.hasAlternativeNames && !leaf.isSignedWithSHA1)
            #expect(!nameless.hasAlternativeNames && nameless.isSignedWithSHA1)
            #expect(leaf.validity.upperBound == TestCertificates.Validity.present.expiry)
            let address = ["authorityInfoAccess=caIssuers;URI:http://pki.example/ca.crt"]
            let remote = try facts(try await make.issue("remote", by: root, extensions: address))
            #expect(remote.namesIssuersAddress && !leaf.namesIssuersAddress)
        }
    }

    @Test("is who may have issued it: by the name, and by the key where both say which")
    func issuers() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let key = ["authorityKeyIdentifier=keyid"]
            let leaf = try facts(try await make.issue("server", by: intermediate, extensions: key))
            #expect(leaf.mayBeIssued(by: try facts(intermediate)))
            #expect(try !leaf.mayBeIssued(by: facts(root)))
            // The same name, with another key: the authority has been made anew.
            let anew = try facts(try await make.intermediate("intermediate", by: root))
            #expect(leaf.issuer == anew.subject)
            #expect(!leaf.mayBeIssued(by: anew))
        }
    }

    // RFC 4514 §2.1: from the last to the first, and §2.4: what has a meaning is escaped.
    @Test("is whom it is of, as people write it, without anything that a terminal obeys")
    func names() async throws {
        try await TemporaryFolder.with { folder in
            let key = folder.path("key.pem")
            let certificate = folder.path("certificate.pem")
            let request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key]
            let name = "/C=CZ/O=Examples, Inc./CN=g\u{e4}teway\u{1b}[31m\u{202e}"
            _ = try await CommandLineTool.require(request + ["-out", certificate, "-utf8", "-subj", name])
            let facts = try facts(.init(certificate: certificate, key: key))
            #expect("\(facts.subject)" == "CN=g\u{e4}teway?[31m?,O=Examples\\, Inc.,C=CZ")
        }
    }
}
