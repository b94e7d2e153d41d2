// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

@Suite("Trust anchors")
struct TrustAnchorsTests {
    private static let now: Int64 = 1_800_000_000

    private func anchors(_ pairs: [TestCertificates.Pair]) throws -> TrustAnchors {
        TrustAnchors(try pairs.flatMap { try NIOSSLCertificate.fromPEMFile($0.certificate) }, at: Self.now)
    }

    @Test("can vouch if one of them is an authority or its own issuer")
    func vouching() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let leaf = try await make.issue("leaf", by: root)
            #expect(try anchors([root]).canVouch)
            #expect(try anchors([intermediate]).canVouch)
            #expect(try anchors([leaf, intermediate]).canVouch)
            #expect(try !anchors([leaf]).canVouch)
        }
    }

    @Test("stay the certificates that they are")
    func same() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let given = try [root, intermediate].flatMap { try NIOSSLCertificate.fromPEMFile($0.certificate) }
            #expect(TrustAnchors(given, at: Self.now).certificates == given)
        }
    }

    @Test("are the right ones until the first of the authorities expires or becomes valid")
    func end() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let future = try await make.intermediate("future", by: root, valid: .future)
            let past = try await make.intermediate("past", by: root, valid: .past)
            #expect(try anchors([root]).end == TestCertificates.Validity.present.expiry)
            // One second before 2098-01-01T00:00:00Z.
            #expect(try anchors([root, future]).end == 4_039_372_799)
            #expect(try anchors([past]).end == nil)
        }
    }
}
