// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import TestSupport
import Testing

@Suite("A TLS handshake")
struct TLSHandshakeTests {
    @Test("succeeds with a certificate of the authority", arguments: ["-tls1_2", "-tls1_3"])
    func known(_ version: String) async throws {
        try await TLSScene.with { scene in
            let client = try await scene.make.issue("client", by: scene.authority, names: ["DNS:gateway.example"])
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(result.output.contains("Healthy"))
            #expect(await scene.events() == [.opened, .handshakeCompleted, .closed])
        }
    }

    @Test("fails without a client certificate, before anything is answered", arguments: ["-tls1_2", "-tls1_3"])
    func missing(_ version: String) async throws {
        try await TLSScene.with { scene in
            let result = try await scene.connect([version])
            #expect(!result.output.contains("Healthy"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.missingCertificate), .closed])
        }
    }

    @Test("fails with a certificate of another authority", arguments: ["-tls1_2", "-tls1_3"])
    func foreign(_ version: String) async throws {
        try await TLSScene.with { scene in
            let other = try await scene.make.authority("other")
            let client = try await scene.make.issue("client", by: other)
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(!result.output.contains("Healthy"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.invalidCertificate), .closed])
        }
    }

    @Test(
        "fails with a certificate that is not valid now",
        arguments: ["-tls1_2", "-tls1_3"],
        [TestCertificates.Validity.past, .future]
    )
    func expired(_ version: String, _ validity: TestCertificates.Validity) async throws {
        try await TLSScene.with { scene in
            let client = try await scene.make.issue("client", by: scene.authority, valid: validity)
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(!result.output.contains("Healthy"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.invalidCertificate), .closed])
        }
    }

    @Test("fails with the certificate of the authority itself, which is no client's")
    func authorityItself() async throws {
        try await TLSScene.with { scene in
            let authority = scene.authority
            _ = try await scene.connect(["-cert", authority.certificate, "-key", authority.key])
            #expect(await scene.events() == [.opened, .handshakeFailed(.invalidCertificate), .closed])
        }
    }

    @Test("fails below TLS 1.2", arguments: ["-tls1", "-tls1_1"])
    func old(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            // Without that level, openssl would not even offer the version.
            let result = try await scene.connect([version, "-cipher", "DEFAULT@SECLEVEL=0"])
            #expect(result.status != 0)
            #expect(result.output.contains("alert protocol version"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.noCommonParameters), .closed])
        }
    }

    @Test("agrees on HTTP/2, or HTTP/1.1 if the client has no more", arguments: ["h2", "http/1.1", "http/1.1,h2"])
    func protocols(_ offered: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let result = try await scene.connect(["-alpn", offered])
            let expected = offered.contains("h2") ? "h2" : "http/1.1"
            #expect(result.output.contains("ALPN protocol: \(expected)\n"))
        }
    }

    @Test(
        "fails without a suite that has forward secrecy and authenticated encryption",
        arguments: [TestCertificates.Key.p256, .rsa]
    )
    func weak(_ key: TestCertificates.Key) async throws {
        try await TLSScene.with(demandingClients: false, key: key) { scene in
            let strong = try await scene.connect(["-tls1_2", "-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20"])
            #expect(strong.output.contains("Healthy"))
            #expect(await scene.events() == [.opened, .handshakeCompleted, .closed])
            let ciphers = "ALL:!ECDHE+AESGCM:!ECDHE+CHACHA20:@SECLEVEL=0"
            let result = try await scene.connect(["-tls1_2", "-cipher", ciphers])
            #expect(result.status != 0)
            #expect(await scene.events(ofConnections: 2).contains(.handshakeFailed(.noCommonParameters)))
        }
    }

    @Test("fails when the client does not trust the server", arguments: ["-tls1_2", "-tls1_3"])
    func distrusted(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let other = try await scene.make.authority("other")
            _ = try await scene.connect([version, "-verify_return_error", "-CAfile", other.certificate])
            #expect(await scene.events() == [.opened, .handshakeFailed(.abandoned), .closed])
        }
    }

    @Test(
        "fails when what comes is not TLS",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "*1\r\n$4\r\nPING\r\n",
        ]
    )
    func foreignProtocol(_ bytes: String) async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(bytes)
            _ = try? await connection.everything()
            #expect(await scene.events() == [.opened, .handshakeFailed(.notTLS), .closed])
        }
    }

    /// The head of a TLS record with a handshake message of 512 bytes (RFC 8446 §5.1), and the beginning of a ClientHello.
    private static let halfHello: [UInt8] = [22, 3, 1, 2, 0, 1, 0]

    @Test("fails when the client goes away", arguments: [[], halfHello])
    func gone(_ bytes: [UInt8]) async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(bytes)
            try await connection.closeOutput()
            _ = try? await connection.everything()
            #expect(await scene.events() == [.opened, .handshakeFailed(.abandoned), .closed])
        }
    }

    @Test("fails when a record holds no handshake")
    func garbage() async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            // A handshake record with a message of a type that does not exist (RFC 8446 §4).
            try await connection.send([22, 3, 1, 0, 5, 99, 0, 0, 1, 0])
            _ = try? await connection.everything()
            #expect(await scene.events() == [.opened, .handshakeFailed(.other), .closed])
        }
    }
}
