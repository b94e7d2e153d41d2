// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
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

    @Test("fails below TLS 1.2", arguments: ["-tls1", "-tls1_1"])
    func old(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            // Without that level, openssl would not even offer the version.
            let result = try await scene.connect([version, "-cipher", "DEFAULT@SECLEVEL=0"])
            #expect(result.status != 0)
            #expect(result.output.contains("alert protocol version"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.noSharedVersion), .closed])
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
            #expect(await scene.events(ofConnections: 2).contains(.handshakeFailed(.noSharedCipher)))
        }
    }

    /// The head of a TLS record with a handshake message of 512 bytes (RFC 8446 §5.1), and the beginning of a ClientHello.
    private static let halfHello: [UInt8] = [22, 3, 1, 2, 0, 1, 0]

    @Test("fails when the client goes away, if it has begun", arguments: [true, false])
    func gone(_ hasBegun: Bool) async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            if hasBegun { try await connection.send(Self.halfHello) }
            try await connection.closeOutput()
            _ = try? await connection.everything()
            let failure: [ConnectionEvent] = hasBegun ? [.handshakeFailed(.abandoned)] : []
            #expect(await scene.events() == [.opened] + failure + [.closed])
        }
    }

    @Test("fails when a record holds no handshake")
    func garbage() async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            // A handshake record with a message of a type that does not exist (RFC 8446 §4).
            try await connection.send([22, 3, 1, 0, 5, 99, 0, 0, 1, 0])
            _ = try? await connection.everything()
            #expect(await scene.events() == [.opened, .handshakeFailed(.protocolError), .closed])
            #expect(scene.server.observer.failures.first?.detail == "UNEXPECTED_MESSAGE")
        }
    }
}
