// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Synchronization
import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

/// A bundle of authorities holds more than authorities that are valid, in any order.
@Suite("A file of authorities")
struct TLSAnchorRulesTests {
    // RFC 5280 §6.1.4 (k); `openssl verify -partial_chain` says "invalid CA certificate".
    @Test("lets no server's or client's certificate issue others, though it is named with its authority")
    func leaf() async throws {
        try await TLSAnchorScene.with { scene in
            let leaf = try await scene.make.issue("leaf", by: scene.intermediate, keyUsage: nil)
            let forged = try await scene.make.issue("forged", by: leaf)
            for others in [[scene.intermediate], [scene.intermediate, scene.root]] {
                let credentials = try await scene.credentials([leaf] + others)
                #expect(try await scene.admits(leaf, credentials))
                #expect(try await !scene.admits(forged, credentials))
                #expect(try await !scene.admits(forged, sending: [leaf], credentials))
                let reason = "certificate number 1 (CN=leaf) is not an authority's (CA:TRUE)"
                #expect(credentials.ignoredAuthorities.map(\.reason) == [reason])
            }
        }
    }

    @Test("is refused if it has nothing but a certificate that signed itself, and is no authority's")
    func selfSigned() async throws {
        try await TLSAnchorScene.with { scene in
            let lone = try await scene.make.authority("lone", extensions: ["basicConstraints=CA:FALSE"])
            let error = await #expect(throws: TLSError.self) { try await scene.credentials([lone]) }
            #expect(error?.reason == "none of its 1 certificates is an authority's (CA:TRUE)")
        }
    }

    @Test("lets no authority vouch for clients whose extended key usage is for servers only")
    func usage() async throws {
        try await TLSAnchorScene.with { scene in
            let usage = ["extendedKeyUsage=serverAuth"]
            let servers = try await scene.make.intermediate("servers", by: scene.root, extensions: usage)
            let client = try await scene.make.issue("client", by: servers)
            for bundle in [[servers, scene.root], [scene.root, servers]] {
                let credentials = try await scene.credentials(bundle)
                #expect(try await !scene.admits(client, credentials))
                #expect(try await !scene.admits(client, sending: [servers], credentials))
            }
            let error = await #expect(throws: TLSError.self) { try await scene.credentials([servers]) }
            #expect(error?.reason == "none of its 1 certificates may vouch for clients by its extended key usage")
        }
    }

    @Test("may hold an authority's expired, present and future certificates in any order", arguments: [true, false])
    func renewed(_ isRoot: Bool) async throws {
        try await TLSAnchorScene.with { scene in
            let present = isRoot ? scene.root : scene.intermediate
            let issuer = isRoot ? nil : scene.root
            let past = try await scene.make.again(present, by: issuer, valid: .past)
            let future = try await scene.make.again(present, by: issuer, valid: .future)
            let client = try await scene.make.issue("client", by: present)
            for bundle in [[past, present], [present, past], [future, present], [present, future]] {
                #expect(try await scene.admits(client, scene.credentials(bundle)))
            }
            if !isRoot {
                #expect(try await scene.admits(client, sending: [present], scene.credentials([past, scene.root])))
            }
            let other = try await scene.make.authority("other")
            #expect(try await !scene.admits(client, scene.credentials([past, scene.server, other])))
        }
    }

    @Test("goes on to vouch for clients when the first of an authority's certificates expires, and says so")
    func expiry() async throws {
        try await TLSAnchorScene.with { scene in
            let old = try await scene.make.again(scene.intermediate, by: scene.root, valid: .past)
            let client = try await scene.make.issue("client", by: scene.intermediate)
            let now = Mutex(TestCertificates.Validity.past.expiry - 1)
            let credentials = try await scene.credentials([old, scene.intermediate]) { now.withLock(\.self) }
            #expect(credentials.ignoredAuthorities.isEmpty && credentials.reload(tellingAll: false).isEmpty)
            now.withLock { $0 += 1 }
            // Nobody has to wait for the next look.
            #expect(try await scene.admits(client, credentials))
            let told = credentials.reload(tellingAll: false)
            let reason = "certificate number 1 (CN=intermediate) expired at Thu, 31 Dec 2020 23:59:59 GMT"
            #expect(Array(told.dropFirst()) == credentials.ignoredAuthorities.map { .ignored($0) })
            #expect(credentials.ignoredAuthorities.map(\.reason) == [reason])
            #expect(credentials.reload(tellingAll: false).isEmpty)
        }
    }
}
