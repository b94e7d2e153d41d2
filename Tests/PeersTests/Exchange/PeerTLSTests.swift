// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOCore
import NIOSSL
import ServerClient
import TestSupport
import Testing

@testable import Peers

@Suite("Asking a peer over TLS")
struct PeerTLSTests {
    private struct Scene {
        let fakePeer: FakePeer
        let client: PeerClient

        func ask(named name: String?) async throws -> [UInt8] {
            let peer = Peer(address: try fakePeer.peer.address, hostName: name)
            return try await client.get(
                "/a",
                from: peer,
                within: .seconds(600),
                lengths: 0...8
            ) { content throws(PeerError) in
                try await content.all()
            }
        }
    }

    /// A peer that demands a certificate of the authority, and a client that may have one.
    private static func with(
        names: [String],
        clientHasCertificate: Bool = true,
        trusting trusted: String = "authority",
        _ body: nonisolated(nonsending) (Scene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let other = try await make.authority("other")
            let pair = try await make.issue("server", by: authority, names: names)
            let chain = try NIOSSLCertificate.fromPEMFile(pair.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem))
            let server = TLSConfiguration.makeServerConfigurationWithMTLS(
                certificateChain: chain,
                privateKey: key,
                trustRoots: .file(authority.certificate)
            )
            var configuration = TLSConfiguration.makeClientConfiguration()
            let trustedAuthority = trusted == "authority" ? authority.certificate : other.certificate
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(trustedAuthority))
            if clientHasCertificate {
                configuration.certificateChain = chain
                configuration.privateKey = key
            }
            let security = try NIOSSLContext(configuration: configuration)
            try await FakePeer.with(
                tls: NIOSSLContext(configuration: server),
                answering: { _ in .content(Array("bytes".utf8)) }
            ) { fakePeer in
                let client = PeerClient.unhurried(security: { security })
                try await body(Scene(fakePeer: fakePeer, client: client))
            }
        }
    }

    @Test("presents a certificate, and checks the name that it was given")
    func named() async throws {
        try await Self.with(names: ["DNS:peers.kuadrant.svc"]) { scene in
            let bytes = try await scene.ask(named: "peers.kuadrant.svc")
            #expect(bytes == Array("bytes".utf8))
            await scene.fakePeer.awaitAllClosed()
            let names = TLSFailure.otherName("peers.kuadrant.svc")
            await #expect(throws: PeerError.untrusted(names, as: "peers.elsewhere.svc")) {
                try await scene.ask(named: "peers.elsewhere.svc")
            }
            await #expect(throws: PeerError.untrusted(names, as: "127.0.0.1")) { try await scene.ask(named: nil) }
            await scene.fakePeer.awaitAllClosed()
        }
    }

    @Test("checks the address when it was given no name")
    func address() async throws {
        try await Self.with(names: ["IP:127.0.0.1"]) { scene in
            let bytes = try await scene.ask(named: nil)
            #expect(bytes == Array("bytes".utf8))
        }
        try await Self.with(names: ["IP:127.0.0.2"]) { scene in
            await #expect(throws: PeerError.untrusted(.otherName("127.0.0.2"), as: "127.0.0.1")) {
                try await scene.ask(named: nil)
            }
        }
    }

    @Test("does not ask whom nobody vouches for")
    func strangers() async throws {
        try await Self.with(names: ["DNS:a"], trusting: "other") { scene in
            let error = await #expect(throws: PeerError.self) { try await scene.ask(named: "a") }
            guard case .untrusted(.untrustedCertificate(.unknownAuthority, let facts), as: "a") = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(facts.map { "\($0.issuer)" } == "CN=authority")
            #expect(scene.fakePeer.requests(for: "/a").isEmpty)
        }
    }

    @Test("is rejected without a certificate where one is demanded")
    func anonymous() async throws {
        try await Self.with(names: ["DNS:a"], clientHasCertificate: false) { scene in
            let error = await #expect(throws: PeerError.self) { try await scene.ask(named: "a") }
            // RFC 8446 §6.2, certificate_required; before TLS 1.3 it is a handshake_failure.
            let reasons: [TLSFailure] = [.certificateRequired, .rejectedOurCertificate("handshake_failure")]
            #expect(reasons.contains { error == .untrusted($0, as: "a") }, "\(String(describing: error))")
        }
    }

    @Test("tells when it does not speak TLS")
    func plain() async throws {
        let context = try NIOSSLContext(configuration: .makeClientConfiguration())
        let client = PeerClient.unhurried(security: { context })
        try await FakePeer.with(answering: { _ in .silence }) { fakePeer in
            let reasons: [TLSFailure] = [.notTLS, .ended]
            await #expect {
                try await Scene(fakePeer: fakePeer, client: client).ask(named: "a")
            } throws: { error in
                reasons.contains { error as? PeerError == .untrusted($0, as: "a") }
            }
        }
    }

    @Test("tells without TLS that it may speak TLS")
    func secured() async throws {
        try await Self.with(names: ["DNS:a"]) { scene in
            let client = PeerClient.unhurried()
            let plain = Scene(fakePeer: scene.fakePeer, client: client)
            await #expect(throws: PeerError.unanswered) { try await plain.ask(named: "a") }
        }
    }
}
