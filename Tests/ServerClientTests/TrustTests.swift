// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import TestSupport
import Testing

@testable import ServerClient

@Suite("Whom a client believes")
struct TrustTests {
    @Test("is every authority of a file, also behind byte order marks, of which joined files have several")
    func byteOrderMarks() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let mark = try folder.write([0xef, 0xbb, 0xbf], to: "mark")
            let (one, other) = (try await make.authority("one"), try await make.authority("other"))
            let joined = [mark, one.certificate, mark, other.certificate]
            let file = try await make.bundle("joined.pem", joined)
            let trust = try Trust(authorities: file, certificate: nil, key: nil)
            #expect(trust.anchors?.certificates.count == 2)
        }
    }

    @Test("is told with the file and the reason where it cannot be read")
    func errors() async throws {
        try await TemporaryFolder.with { folder in
            let text = try folder.write(Array("no PEM".utf8), to: "text")
            for (path, words) in [
                (folder.path("nowhere.pem"), "does not exist"), (folder.path, "is not a regular file"),
                (text, "cannot be read as PEM"),
            ] {
                let error = #expect(throws: TLSError.self) {
                    try Trust(authorities: path, certificate: nil, key: nil)
                }
                #expect(error?.description.hasPrefix("\(path): \(words); ") == true)
            }
        }
    }
}
