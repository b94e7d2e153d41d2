// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import Siblings

@Suite("Asking a sibling over TLS")
struct SiblingTLSTests {
    private struct Scene {
        let standIn: StandIn
        let client: SiblingClient

        func ask(named name: String?) async throws -> [UInt8] {

            let sibling = Sibling(address: try standIn.sibling.address, hostName: name)
            return try await client.get(
                "/a",
                from: sibling,
                within: .seconds(60),
                lengths: 0...8
            ) { content throws(SiblingError) in
                try await content.all()
            }
        }
    }

    /// A sibling that demands a certificate of the authority, and a client that may have one.
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
            configuration.trustRoots = .file(trusted == "authority" ? authority.certificate : other.certificate)
            if clientHasCertificate {
                configuration.certificateChain = chain
                configuration.privateKey = key
            }
            let security = try NIOSSLContext(configuration: configuration)
            try await StandIn.with(
                tls: NIOSSLContext(configuration: server),
                answering: { _ in .content(Array("bytes".utf8)) }
            ) { standIn in
                let client = SiblingClient(instance: "me", security: { security })
                try await body(Scene(standIn: standIn, client: client))
            }
        }
    }

    @Test("presents a certificate, and checks the name that it was given")
    func named() async throws {
        try await Self.with(names: ["DNS:peers.kuadrant.svc"]) { scene in
            let bytes = try await scene.ask(named: "peers.kuadrant.svc")
            #expect(bytes == Array("bytes".utf8))
            await scene.standIn.awaitAllClosed()
            await #expect { try await scene.ask(named: "peers.elsewhere.svc") } throws: { $0.isUntrusted }
            await #expect { try await scene.ask(named: nil) } throws: { $0.isUntrusted }
            await scene.standIn.awaitAllClosed()
        }
    }

    @Test("checks the address when it was given no name")
    func address() async throws {
        try await Self.with(names: ["IP:127.0.0.1"]) { scene in
            let bytes = try await scene.ask(named: nil)
            #expect(bytes == Array("bytes".utf8))
        }
        try await Self.with(names: ["IP:127.0.0.2"]) { scene in
            await #expect { try await scene.ask(named: nil) } throws: { $0.isUntrusted }
        }
    }

    @Test("does not ask whom nobody vouches for")
    func strangers() async throws {
        try await Self.with(names: ["DNS:a"], trusting: "other") { scene in
            await #expect { try await scene.ask(named: "a") } throws: { $0.isUntrusted }
            #expect(scene.standIn.requests(for: "/a").isEmpty)
        }
    }

    @Test("is refused without a certificate where one is demanded")
    func anonymous() async throws {
        try await Self.with(names: ["DNS:a"], clientHasCertificate: false) { scene in
            await #expect { try await scene.ask(named: "a") } throws: { $0.isUntrusted }
        }
    }
}

extension Error {
    fileprivate var isUntrusted: Bool {
        if case .untrusted = self as? SiblingError { true } else { false }
    }
}
