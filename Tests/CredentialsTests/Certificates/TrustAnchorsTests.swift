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
        TrustAnchors(
            try pairs.flatMap { try NIOSSLCertificate.fromPEMFile($0.certificate) },
            for: .client,
            at: Self.now
        )
    }

    @Test("can vouch if one of them is an authority")
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
            #expect(TrustAnchors(given, for: .client, at: Self.now).certificates == given)
        }
    }

    @Test("are the right ones until the first of the authorities expires or becomes valid")
    func end() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let future = try await make.intermediate("future", by: root, valid: .future)
            let past = try await make.intermediate("past", by: root, valid: .past)
            #expect(try anchors([root]).end == TestCertificates.Validity.present.expiry - 1)
            // One second before 2098-01-01T00:00:00Z.
            #expect(try anchors([root, future]).end == 4_039_372_799)
            #expect(try anchors([past]).end == nil)
        }
    }

    // RFC 5280 §6.1.4 (k) and (n), and the extended key usages of authorities as OpenSSL and Go have them.
    @Test(
        "are those alone that may issue others, of this role",
        arguments: [
            (["basicConstraints=CA:TRUE"], nil),
            (["basicConstraints=CA:TRUE", "extendedKeyUsage=clientAuth"], nil),
            (["basicConstraints=CA:TRUE", "extendedKeyUsage=anyExtendedKeyUsage"], nil),
            (["basicConstraints=CA:TRUE", "extendedKeyUsage=serverAuth"], .otherUsage),
            (["basicConstraints=CA:TRUE", "keyUsage=digitalSignature"], .notAnAuthority),
            (["basicConstraints=CA:FALSE"], .notAnAuthority),
            (["keyUsage=keyCertSign"], .notAnAuthority),
        ] as [([String], IgnoredAnchor.Reason?)]
    )
    func rules(_ extensions: [String], _ reason: IgnoredAnchor.Reason?) async throws {
        try await TemporaryFolder.with { folder in
            let root = try await TestCertificates(in: folder).authority("root", extensions: extensions)
            let anchors = try anchors([root])
            #expect(anchors.ignored.map(\.reason) == (reason.map { [$0] } ?? []))
            #expect(anchors.certificates.count == (reason == nil ? 1 : 0))
            #expect(anchors.canVouch == (reason == nil))
        }
    }
}
