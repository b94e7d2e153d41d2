// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

/// What is named as an authority is a trust anchor (RFC 5280 §6.1.1), be it a root or not.
@Suite("An authority that is not its own issuer")
struct TLSAnchorTests {
    @Test("vouches for its clients, whether they send its certificate or not", arguments: ["-tls1_2", "-tls1_3"])
    func clients(_ version: String) async throws {
        try await TLSAnchorScene.with { scene in
            let credentials = try await scene.credentials([scene.intermediate])
            let client = try await scene.make.issue("client", by: scene.intermediate)
            #expect(try await scene.admits(client, credentials, version: version))
            #expect(try await scene.admits(client, sending: [scene.intermediate], credentials, version: version))
            let other = try await scene.make.issue("other", by: scene.root)
            #expect(try await !scene.admits(other, credentials, version: version))
        }
    }

    // As easy-rsa has it: the identifier of the issuer's key, and its issuer and serial number (RFC 5280 §4.2.1.1).
    @Test("vouches for clients that name it by its issuer and serial number")
    func serialNumber() async throws {
        try await TLSAnchorScene.with { scene in
            let extensions = ["authorityKeyIdentifier=keyid,issuer:always"]
            let client = try await scene.make.issue("client", by: scene.intermediate, extensions: extensions)
            #expect(try await scene.admits(client, scene.credentials([scene.intermediate])))
        }
    }

    @Test("vouches for an authority below it")
    func below() async throws {
        try await TLSAnchorScene.with { scene in
            let lower = try await scene.make.intermediate("lower", by: scene.intermediate)
            let client = try await scene.make.issue("client", by: lower)
            let credentials = try await scene.credentials([scene.intermediate])
            #expect(try await scene.admits(client, sending: [lower], credentials))
            #expect(try await !scene.admits(client, credentials))
        }
    }

    @Test("is as strict as a root: with what is expired, and with what is not for clients")
    func strictness() async throws {
        try await TLSAnchorScene.with { scene in
            let credentials = try await scene.credentials([scene.intermediate])
            let expired = try await scene.make.issue("expired", by: scene.intermediate, valid: .past)
            #expect(try await !scene.admits(expired, credentials))
            let usage = ["extendedKeyUsage=serverAuth"]
            let server = try await scene.make.issue("notClient", by: scene.intermediate, extensions: usage)
            #expect(try await !scene.admits(server, credentials))
            let namesake = try await scene.make.authority("intermediate")
            let forged = try await scene.make.issue("forged", by: namesake)
            #expect(try await !scene.admits(forged, credentials))
        }
    }

    @Test("is nobody who merely stands in the same file: a server's certificate issues no others")
    func leaf() async throws {
        try await TLSAnchorScene.with { scene in
            let leaf = try await scene.make.issue("leaf", by: scene.intermediate, keyUsage: nil)
            let credentials = try await scene.credentials([leaf, scene.root])
            let client = try await scene.make.issue("client", by: leaf)
            #expect(try await !scene.admits(client, credentials))
            #expect(try await !scene.admits(client, sending: [leaf], credentials))
        }
    }

    @Test("is refused as one if it is none, in words")
    func noAuthority() async throws {
        try await TLSAnchorScene.with { scene in
            let leaf = try await scene.make.issue("leaf", by: scene.root)
            let files = TLSFiles(
                certificateChain: leaf.certificate,
                privateKey: leaf.key,
                clientAuthorities: leaf.certificate
            )
            let error = #expect(throws: TLSError.self) { try TLSCredentials(files) }
            #expect(error?.reason == "none of its 1 certificates is an authority's (CA:TRUE)")
        }
    }

    @Test("vouches for peers, and for nobody any more once it has expired", arguments: [true, false])
    func peers(_ areClients: Bool) async throws {
        try await TLSAnchorScene.with { scene in
            let pair = try await scene.make.issue("replica", by: scene.intermediate)
            let path = scene.intermediate.certificate
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: path,
                peerAuthorities: areClients ? nil : path
            )
            let now = Mutex<Int64>(TestCertificates.Validity.present.expiry - 1)
            let credentials = try TLSCredentials(files, forPeers: true) { now.withLock(\.self) }
            let security = TransportSecurity(credentials: credentials, allowedClients: AllowedClients([]))
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
                let context = try #require(credentials.peerContext)
                try await TLSHandshakeClient.shakeHands(context, port: server.securePort)
                await server.observer.awaitEvent(.handshakeCompleted)
                // The certificate itself expires as well, and the files hold nothing else.
                now.withLock { $0 += 1 }
                _ = credentials.reload(tellingAll: false)
                let later = try #require(credentials.peerContext)
                await #expect(throws: NIOSSLError.self) {
                    try await TLSHandshakeClient.shakeHands(later, port: server.securePort)
                }
                let client = try await scene.make.issue("client", by: scene.intermediate)
                let output = try await TLSScene(server: server, make: scene.make, authority: scene.root)
                    .connect(["-cert", client.certificate, "-key", client.key]).output
                #expect(!output.contains("Healthy"))
            }
        }
    }
}
