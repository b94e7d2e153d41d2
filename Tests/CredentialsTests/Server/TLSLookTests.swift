// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import Synchronization
import TestSupport
import Testing

@testable import Credentials

/// What is told while the server runs is what has happened: to the files, or to what was loaded from them.
@Suite("A look at certificates and authorities")
struct TLSLookTests {
    private static let expiry = TestCertificates.Validity.present.expiry
    private static let date = "Thu, 31 Dec 2099 23:59:59 GMT"

    private final class Scene: Sendable {
        let make: TestCertificates
        let folder: TemporaryFolder
        let present: TestCertificates.Pair
        let long: TestCertificates.Pair
        let files: TLSFiles
        private let time = Mutex<Int64>(TLSLookTests.expiry - 1)

        init(_ folder: TemporaryFolder, valid validity: TestCertificates.Validity) async throws {
            (self.folder, make) = (folder, TestCertificates(in: folder))
            present = try await make.authority("present")
            long = try await make.authority("long", valid: .long)
            let pair = try await make.issue("server", by: long, valid: validity)
            files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: folder.path("ca.crt")
            )
        }

        func name(_ authorities: [TestCertificates.Pair]) async throws {
            _ = try await make.bundle("ca.crt", authorities.map(\.certificate))
        }

        func credentials() throws -> TLSCredentials {
            try TLSCredentials(files) { [self] in time.withLock(\.self) }
        }

        func set(_ now: Int64) { time.withLock { $0 = now } }
    }

    private func with(
        valid validity: TestCertificates.Validity = .long,
        _ body: nonisolated(nonsending) (Scene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in try await body(try await Scene(folder, valid: validity)) }
    }

    @Test("tells once that the certificate in use has expired, which is no reload that failed")
    func expired() async throws {
        try await with(valid: .present) { scene in
            try await scene.name([scene.long])
            let credentials = try scene.credentials()
            #expect(credentials.reload(tellingAll: false).isEmpty)
            scene.set(Self.expiry + 1)
            let events = credentials.reload(tellingAll: false)
            guard case .expired(let error) = events.first, events.count == 1 else {
                Issue.record("\(events)")
                return
            }
            #expect(error.reason == "the certificate in use expired at \(Self.date)")
            #expect(credentials.problem == error.description)
            #expect(credentials.reload(tellingAll: false).isEmpty)
            #expect(credentials.reload(tellingAll: true) == [.loaded(credentials.certificate), .expired(error)])
        }
    }

    @Test("tells that new files fail, and are good again, beside that the certificate in use has expired")
    func both() async throws {
        try await with(valid: .present) { scene in
            try await scene.name([scene.long])
            let credentials = try scene.credentials()
            scene.set(Self.expiry + 1)
            let expired = credentials.reload(tellingAll: false)
            // What is new is refused for what stays: new authorities do not come beside a certificate that clients reject.
            try await scene.name([scene.long, scene.present])
            let failed = credentials.reload(tellingAll: false)
            guard case .failed(let error) = failed.first, failed.count == 1 else {
                Issue.record("\(failed)")
                return
            }
            #expect(error.reason == "the certificate expired at 2099-12-31T23:59:59Z")
            let both = [expired.first?.problem, error].compactMap { $0?.description }
            #expect(credentials.problem.map { [$0] } == [both.reversed().joined(separator: "; ")])
            try await scene.name([scene.long])
            #expect(credentials.reload(tellingAll: false) == [.loaded(credentials.certificate)])
            #expect(credentials.problem == expired.first?.problem?.description)
        }
    }

    @Test("tells that no authority is valid any more, so that every client is denied")
    func lastAuthority() async throws {
        try await with { scene in
            try await scene.name([scene.present])
            let credentials = try scene.credentials()
            #expect(credentials.authorityExpiry == Self.expiry)
            scene.set(Self.expiry + 1)
            let events = credentials.reload(tellingAll: false)
            guard case .authoritiesExpired(let error) = events.first, case .ignored = events.last, events.count == 2
            else {
                Issue.record("\(events)")
                return
            }
            #expect(error.file == scene.files.clientAuthorities)
            #expect(error.reason == "none of its authorities is valid now, so every client is denied")
            #expect(credentials.problem == error.description)
            #expect(credentials.authorityExpiry == Self.expiry)
            try await scene.name([scene.long])
            let changed = credentials.reload(tellingAll: false)
            #expect(changed.first == .loaded(credentials.certificate))
            #expect(changed.last?.names == "CN=long")
            #expect(credentials.problem == nil)
            #expect(credentials.authorityExpiry == TestCertificates.Validity.long.expiry)
        }
    }

    @Test("tells which authorities are left when one expires")
    func oneAuthority() async throws {
        try await with { scene in
            try await scene.name([scene.long, scene.present])
            let credentials = try scene.credentials()
            #expect(credentials.authorityExpiry == Self.expiry)
            scene.set(Self.expiry + 1)
            let events = credentials.reload(tellingAll: false)
            #expect(events.first?.names == "CN=long")
            #expect(events.count == 2)
            #expect(credentials.problem == nil)
            #expect(credentials.authorityExpiry == TestCertificates.Validity.long.expiry)
        }
    }

    @Test("tells the names of authorities that take the place of others, and not many")
    func replaced() async throws {
        try await with { scene in
            try await scene.name([scene.present])
            let credentials = try scene.credentials()
            let again = try await scene.make.again(scene.present, by: nil, valid: .long)
            try await scene.name([again])
            // Of the same name, but another certificate.
            #expect(credentials.reload(tellingAll: false).compactMap(\.names) == ["CN=present"])
            #expect(credentials.reload(tellingAll: true).compactMap(\.names).isEmpty)
            try await scene.name([scene.long, again, again, again, scene.present, scene.present])
            let names = "CN=long, CN=present, CN=present, CN=present, and 2 others"
            #expect(credentials.reload(tellingAll: false).compactMap(\.names) == [names])
        }
    }
}

extension TLSEvent {
    /// The names of authorities that have changed.
    fileprivate var names: String? {
        if case .authoritiesChanged(let authorities) = self { authorities.names } else { nil }
    }
}
