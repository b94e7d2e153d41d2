// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@testable import Credentials
@testable import HTTPTransport

@Suite("The generation of TLS credentials")
struct GenerationTests {
    @Test("changes with the authorities in use and with the server's certificate, and with nothing else")
    func changes() async throws {
        try await OutdatedScene.with { scene in
            var generation = 0
            func expect(_ changes: Bool, _ comment: Comment) {
                let now = scene.credentials.present.generation
                #expect((now != generation) == changes, comment)
                generation = now
            }
            let (first, second) = scene.authorities
            try await scene.trust([second, first, second])
            expect(false, "the same authorities in another file")
            scene.expireFirstClient()
            scene.credentials.declineSessions(afterClientExpiry: TestCertificates.Validity.present.expiry)
            _ = scene.credentials.reload(tellingAll: false)
            expect(false, "no session outlasts a client's certificate")
            try await scene.trust([second])
            expect(true, "an authority is removed")
            try await scene.trust([first, second])
            expect(true, "an authority is added")
            try await scene.renewPair()
            expect(true, "another pair")
            _ = scene.credentials.reload(tellingAll: true)
            expect(false, "a look that finds nothing new")
        }
    }
}
