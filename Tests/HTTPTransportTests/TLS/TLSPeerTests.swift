// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOSSL
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

@Suite("A server that connects to its peers")
struct TLSPeerTests {
    /// Who is named to vouch for the peers.
    enum Named: CaseIterable {
        case asClientAuthorities
        case asPeerAuthorities
        case asBoth

        var forClients: Bool { self != .asPeerAuthorities }
        var forPeers: Bool { self != .asClientAuthorities }
    }

    /// Serves with a certificate of an authority, while `body` runs.
    private func serve(
        names: [String] = ["DNS:localhost"],
        key: TestCertificates.Key = .p256,
        _ body: nonisolated(nonsending) (Scene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let other = try await make.authority("other")
            let pair = try await make.issue("replica", by: authority, names: names, key: key)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: authority.certificate
            )
            let security = TransportSecurity(credentials: try TLSCredentials(files), allowedClients: AllowedClients([]))
            try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), security: security) { server in
                try await body(Scene(folder: folder, authority: authority, other: other, pair: pair, server: server))
            }
        }
    }

    private struct Scene {
        let folder: TemporaryFolder
        let authority: TestCertificates.Pair
        let other: TestCertificates.Pair
        let pair: TestCertificates.Pair
        let server: LiveServer

        /// What another replica with the same certificate loads.
        func credentials(clients: String? = nil, peers: String? = nil) throws -> TLSCredentials {
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: clients,
                peerAuthorities: peers
            )
            return try TLSCredentials(files, forPeers: true)
        }

        func shakeHands(_ credentials: TLSCredentials) async throws {
            let context = try #require(credentials.peerContext)
            try await TLSHandshakeClient.shakeHands(context, port: server.securePort)
        }
    }

    @Test("presents its certificate, and verifies theirs", arguments: Named.allCases)
    func known(_ named: Named) async throws {
        try await serve { scene in
            let path = scene.authority.certificate
            let credentials = try scene.credentials(
                clients: named.forClients ? path : nil,
                peers: named.forPeers ? path : nil
            )
            try await scene.shakeHands(credentials)
            // The server demands a certificate, so this says that it got one.
            await scene.server.observer.awaitEvent(.handshakeCompleted)
        }
    }

    @Test(
        "takes each kind of key that a server may have, of theirs and as theirs",
        arguments: [.p256, .p384, .p521, .rsa, .ed25519] as [TestCertificates.Key]
    )
    func kinds(_ key: TestCertificates.Key) async throws {
        try await serve(key: key) { scene in
            try await scene.shakeHands(try scene.credentials(peers: scene.authority.certificate))
            await scene.server.observer.awaitEvent(.handshakeCompleted)
        }
    }

    @Test("refuses those of another authority, even if that vouches for clients")
    func foreign() async throws {
        try await serve { scene in
            let credentials = [
                try scene.credentials(clients: scene.other.certificate),
                try scene.credentials(peers: scene.other.certificate),
                try scene.credentials(clients: scene.authority.certificate, peers: scene.other.certificate),
            ]
            for credentials in credentials {
                await #expect(throws: NIOSSLError.self) { try await scene.shakeHands(credentials) }
            }
        }
    }

    @Test("trusts nobody but those whom the system trusts, if no authority is named")
    func system() async throws {
        try await serve { scene in
            // If the system has no authorities, the credentials are refused.
            await #expect(throws: (any Error).self) { try await scene.shakeHands(try scene.credentials()) }
        }
    }

    @Test("refuses a certificate that has not the name it asked for")
    func otherName() async throws {
        try await serve(names: ["DNS:elsewhere.example"]) { scene in
            let credentials = try scene.credentials(peers: scene.authority.certificate)
            await #expect(throws: (any Error).self) { try await scene.shakeHands(credentials) }
        }
    }

    @Test("trusts new authorities once their file has changed")
    func reload() async throws {
        try await serve { scene in
            let path = try await copy(scene.other.certificate, in: scene.folder)
            let credentials = try scene.credentials(peers: path)
            await #expect(throws: NIOSSLError.self) { try await scene.shakeHands(credentials) }
            _ = try await copy(scene.authority.certificate, in: scene.folder)
            let told = credentials.reload(tellingAll: false)
            #expect(told.first == .loaded(credentials.certificate))
            #expect(told.count == 2)
            try await scene.shakeHands(credentials)
        }
    }

    @Test("is told which file is wrong")
    func errors() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.authority("authority")
            let expired = try await make.authority("expired", valid: .past).certificate
            let cases = [
                (folder.path("nowhere.pem"), "does not exist"), (pair.key, "has no PEM certificate"),
                (expired, "none of its authorities is valid now"),
            ]
            let replica = try await make.issue("replica", by: pair)
            for (file, reason) in cases {
                let error = #expect(throws: TLSError.self) {
                    try TLSCredentials(
                        TLSFiles(
                            certificateChain: replica.certificate,
                            privateKey: replica.key,
                            peerAuthorities: file
                        ),
                        forPeers: true
                    )
                }
                #expect(error?.file == file)
                #expect(error?.reason == reason)
            }
        }
    }

    @Test("prepares nothing for them if there are none")
    func none() async throws {
        #expect(try await TransportSecurity.lettingAnyoneIn.credentials.peerContext == nil)
    }

    private func copy(_ file: String, in folder: TemporaryFolder) async throws -> String {
        _ = try await CommandLineTool.require(["cp", file, folder.path("peers.pem")])
        return folder.path("peers.pem")
    }
}
