// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

/// Why a handshake failed is told as it is: by openssl as the client, whose own messages are the judge.
@Suite("A TLS handshake that fails")
struct TLSHandshakeCauseTests {
    private static let versions = ["-tls1_2", "-tls1_3"]

    /// What is told of a client with a certificate, by a server that lets those of an authority in.
    private func told(
        _ version: String = "-tls1_3",
        _ make: nonisolated(nonsending) (TLSScene) async throws -> TestCertificates.Pair
    ) async throws -> (failure: ConnectionEvent?, ConnectionEvent.Circumstances?) {
        var told: (ConnectionEvent?, ConnectionEvent.Circumstances?) = (nil, nil)
        try await TLSScene.with { scene in
            let client = try await make(scene)
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(!result.output.contains("Healthy"))
            told = (await scene.events().dropFirst().first, scene.server.observer.failures.first)
        }
        return told
    }

    // MARK: The client's certificate

    @Test("for the client's certificate is of another authority names both", arguments: versions)
    func foreign(_ version: String) async throws {
        let (failure, circumstances) = try await told(version) { scene in
            try await scene.make.issue("client", by: try await scene.make.authority("other"))
        }
        #expect(failure == .handshakeFailed(.unknownAuthority))
        #expect(circumstances?.subject == "CN=client")
        #expect(circumstances?.issuer == "CN=other")
        #expect(circumstances?.client?.host.description == "127.0.0.1")
    }

    @Test("for the client's authority was made anew under its name says so")
    func namesake() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let old = try await make.intermediate("authority", by: root)
            let pair = try await make.issue("server", by: old)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: old.certificate
            )
            let security = TransportSecurity(credentials: try TLSCredentials(files), allowedClients: AllowedClients([]))
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
                let anew = try await make.intermediate("authority", by: root)
                let key = ["authorityKeyIdentifier=keyid"]
                let client = try await make.issue("client", by: anew, extensions: key)
                let scene = TLSScene(server: server, make: make, authority: root)
                _ = try await scene.connect(["-cert", client.certificate, "-key", client.key])
                #expect(await scene.events() == [.opened, .handshakeFailed(.unknownAuthority), .closed])
                let detail = server.observer.failures.first?.detail
                #expect(detail == "the authority of that name that is known here has another key")
            }
        }
    }

    @Test("for the client's certificate is not valid now says since or until when", arguments: versions)
    func dates(_ version: String) async throws {
        let (past, expired) = try await told(version) { scene in
            try await scene.make.issue("client", by: scene.authority, valid: .past)
        }
        #expect(past == .handshakeFailed(.expiredCertificate))
        #expect(expired?.detail == "it expired at Thu, 31 Dec 2020 23:59:59 GMT")
        #expect(expired?.subject == "CN=client")
        let (future, early) = try await told(version) { scene in
            try await scene.make.issue("client", by: scene.authority, valid: .future)
        }
        #expect(future == .handshakeFailed(.certificateNotYetValid))
        #expect(early?.detail == "it is not valid before Wed, 01 Jan 2098 00:00:00 GMT")
    }

    @Test("for the client's certificate is not for clients says so")
    func usages() async throws {
        let (extended, circumstances) = try await told { scene in
            try await scene.make.issue("client", by: scene.authority, extensions: ["extendedKeyUsage=serverAuth"])
        }
        #expect(extended == .handshakeFailed(.certificateNotForClients))
        #expect(circumstances?.detail == "its extended key usage has no clientAuth")
        let (authority, other) = try await told { $0.authority }
        #expect(authority == .handshakeFailed(.certificateNotForClients))
        #expect(other?.detail == "its key usage has no digitalSignature")
    }

    @Test("for the client's certificate is not in order says that its authority is")
    func chain() async throws {
        let (failure, circumstances) = try await told { scene in
            let unknown = ["1.2.3.4=critical,ASN1:UTF8String:x"]
            return try await scene.make.issue("client", by: scene.authority, extensions: unknown)
        }
        #expect(failure == .handshakeFailed(.invalidChain))
        #expect(circumstances?.issuer == "CN=authority")
    }

    @Test("for the client's authority has expired says so")
    func expiredAuthority() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let present = try await make.authority("present")
            let past = try await make.authority("past", valid: .past)
            let pair = try await make.issue("server", by: present)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: try await make.bundle("both.pem", [past.certificate, present.certificate])
            )
            let security = TransportSecurity(credentials: try TLSCredentials(files), allowedClients: AllowedClients([]))
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
                let client = try await make.issue("client", by: past)
                let scene = TLSScene(server: server, make: make, authority: present)
                _ = try await scene.connect(["-cert", client.certificate, "-key", client.key])
                #expect(await scene.events() == [.opened, .handshakeFailed(.expiredAuthority), .closed])
            }
        }
    }

    // MARK: What both must agree on

    /// What a client offers, and why a server with a key of some kind cannot take it.
    struct Offer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: TestCertificates.Key
        let options: [String]
        let failure: ConnectionEvent.HandshakeFailure
        let detail: String
    }

    private static let offers = [
        // As Envoy offers it.
        Offer(
            testDescription: "a key on P-384, and no such curve with TLS 1.2",
            key: .p384,
            options: ["-tls1_2", "-groups", "X25519:P-256"],
            failure: .noSharedCurve,
            detail: "the server's key is EC on P-384"
        ),
        Offer(
            testDescription: "no curve with TLS 1.3",
            key: .p256,
            options: ["-tls1_3", "-groups", "P-521"],
            failure: .noSharedCurve,
            detail: "the server's key is EC on P-256"
        ),
        Offer(
            testDescription: "a key on P-521, and no such signature with TLS 1.3",
            key: .p521,
            options: ["-tls1_3", "-sigalgs", "ECDSA+SHA256:RSA-PSS+SHA256"],
            failure: .noSharedSignature,
            detail: "the server's key is EC on P-521"
        ),
        Offer(
            testDescription: "a key for Ed25519, and no such signature with TLS 1.2",
            key: .ed25519,
            options: ["-tls1_2", "-sigalgs", "ECDSA+SHA256:RSA-PSS+SHA256"],
            failure: .noSharedSignature,
            detail: "the server's key is Ed25519"
        ),
        // Without suites of elliptic curves, a client does not name curves either (RFC 8422 §4).
        Offer(
            testDescription: "suites without forward secrecy",
            key: .p256,
            options: ["-tls1_2", "-cipher", "AES128-SHA:AES256-GCM-SHA384"],
            failure: .noSharedCipher,
            detail: "the server's key is EC on P-256"
        ),
        Offer(
            testDescription: "suites for other keys, and no curve of the key",
            key: .p384,
            options: ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256", "-groups", "X25519"],
            failure: .noSharedCipher,
            detail: "the server's key is EC on P-384"
        ),
        Offer(
            testDescription: "suites for other keys",
            key: .rsa,
            options: ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
            failure: .noSharedCipher,
            detail: "the server's key is RSA with 2048 bits"
        ),
    ]

    @Test("for nothing is shared says what, and what the server's key is", arguments: offers)
    func sharing(_ offer: Offer) async throws {
        try await TLSScene.with(demandingClients: false, key: offer.key) { scene in
            let result = try await scene.connect(offer.options)
            #expect(result.status != 0)
            #expect(await scene.events() == [.opened, .handshakeFailed(offer.failure), .closed])
            #expect(scene.server.observer.failures.first?.detail == offer.detail)
        }
    }

    // MARK: What the client said

    @Test("for the client does not trust the server says what it said", arguments: versions)
    func distrusted(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let other = try await scene.make.authority("other")
            _ = try await scene.connect([version, "-verify_return_error", "-CAfile", other.certificate])
            #expect(await scene.events() == [.opened, .handshakeFailed(.serverCertificateRejected), .closed])
            #expect(scene.server.observer.failures.first?.detail == "unknown_ca")
        }
    }

    @Test("for the server's name is another says that its certificate was rejected", arguments: versions)
    func otherName(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let options = ["-verify_return_error", "-CAfile", scene.authority.certificate, "-verify_hostname", "other"]
            _ = try await scene.connect([version] + options)
            #expect(await scene.events() == [.opened, .handshakeFailed(.serverCertificateRejected), .closed])
            #expect(scene.server.observer.failures.first?.detail == "bad_certificate")
        }
    }

    /// A ClientHello of TLS 1.2 with one suite and the curve P-256 (RFC 5246 §7.4.1.2, RFC 8422 §5.1).
    private static let hello: [UInt8] = {
        let random = [UInt8](repeating: 0x5a, count: 32)
        let extensions: [UInt8] = [0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3]
        let body: [UInt8] = [3, 3] + random + [0, 0, 2, 0xc0, 0x2b, 1, 0, 0, UInt8(extensions.count)] + extensions
        let message: [UInt8] = [1, 0, 0, UInt8(body.count)] + body
        return [22, 3, 1, 0, UInt8(message.count)] + message
    }()

    @Test("for the client gave up says what it said")
    func alert() async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(Self.hello)
            try await connection.awaitFirstBytes()
            // A fatal alert, internal_error (RFC 8446 §6.2).
            try await connection.send([21, 3, 3, 0, 2, 2, 80])
            _ = try? await connection.everything()
            #expect(await scene.events() == [.opened, .handshakeFailed(.clientAlert), .closed])
            #expect(scene.server.observer.failures.first?.detail == "internal_error")
        }
    }
}
