// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import TestSupport
import Testing

/// RFC 7301 §3.2: "In the event that the server supports no protocols that the client advertises, then the server SHALL respond
/// with a fatal "no_application_protocol" alert." By openssl as the client, and in octets.
@Suite("A TLS handshake with protocols that the client offers")
struct ProtocolNegotiationTests {
    private static let versions = ["-tls1_2", "-tls1_3"]
    private static let alert: [UInt8] = [21, 3, 3, 0, 2, 2, 120]

    @Test("fails with no_application_protocol if none is spoken here", arguments: versions, [true, false])
    func none(_ version: String, _ demandsCertificates: Bool) async throws {
        try await TLSScene.with(demandingClients: demandsCertificates) { scene in
            let result = try await scene.connect([version, "-alpn", "foo,h3"])
            #expect(result.status != 0)
            #expect(result.output.contains("SSL alert number 120"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.noSharedProtocol), .closed])
            #expect(scene.server.observer.failures.first?.detail == "it offers foo, h3")
            #expect(scene.server.observer.exchanges.isEmpty)
        }
    }

    @Test(
        "agrees on one that is, beside GREASE and others",
        arguments: [
            ("foo,h2,http/1.1", "h2"), ("\n\n,http/1.1", "http/1.1"), ("http/1.0", "http/1.0"),
            ("istio-peer-exchange,istio", "istio"),
        ]
    )
    func one(_ offered: String, _ agreed: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let result = try await scene.connect(["-alpn", offered])
            #expect(result.output.contains("ALPN protocol: \(agreed)\n"))
            if agreed != "h2" { #expect(result.output.contains("Healthy")) }
            #expect(await scene.events().contains(.handshakeCompleted))
        }
    }

    @Test("succeeds if it offers none", arguments: versions)
    func without(_ version: String) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let result = try await scene.connect([version])
            #expect(result.output.contains("No ALPN negotiated"))
            #expect(result.output.contains("Healthy"))
        }
    }

    @Test("fails so however the ClientHello is cut", arguments: [1, 7, 1 << 14])
    func cuts(_ size: Int) async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let bytes = TLSHello.records(TLSHello.offering("foo").message, of: size)
            let connection = try await RawConnection.open(port: scene.server.securePort)
            for start in stride(from: 0, to: bytes.count, by: 5) {
                try await connection.send(Array(bytes[start..<min(start + 5, bytes.count)]))
            }
            #expect(try await connection.everything() == Self.alert)
            #expect(await scene.events() == [.opened, .handshakeFailed(.noSharedProtocol), .closed])
        }
    }

    @Test("fails so with data behind the ClientHello, which is thrown away")
    func more() async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let hello = TLSHello.records(TLSHello.offering("foo").message, of: 1 << 14)
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(hello + [UInt8](repeating: 0, count: 8 << 10))
            #expect(try await connection.everything() == Self.alert)
        }
    }

    // RFC 8446 §6.2: decode_error is BoringSSL's word for it.
    @Test("is left to BoringSSL if they are malformed")
    func malformed() async throws {
        try await TLSScene.with(demandingClients: false) { scene in
            let hello = TLSHello(extensions: [(16, [0, 1, 0])])
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(TLSHello.records(hello.message, of: 1 << 14))
            #expect(try await connection.everything().last == 50)
            #expect(await scene.events() == [.opened, .handshakeFailed(.protocolError), .closed])
        }
    }
}
