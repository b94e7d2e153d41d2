// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import TestSupport
import Testing

@testable import ServerClient

@Suite("Whom a client believes")
struct ClientTLSTests {
    @Test("is every authority of a file, also behind byte order marks, of which joined files have several")
    func byteOrderMarks() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let mark = try folder.write([0xef, 0xbb, 0xbf], to: "mark")
            let (one, other) = (try await make.authority("one"), try await make.authority("other"))
            let joined = [mark, one.certificate, mark, other.certificate]
            let file = try await make.bundle("joined.pem", joined)
            let trust = try ClientTLS(authorities: file)
            #expect(trust.anchors?.certificates.count == 2)
        }
    }

    @Test("is told with the file and the reason where it cannot be read")
    func errors() async throws {
        try await TemporaryFolder.with { folder in
            let text = try folder.write(Array("no PEM".utf8), to: "text")
            for (path, words) in [
                (folder.path("nowhere.pem"), "does not exist"), (folder.path, "is not a regular file"),
                (text, "has no PEM certificate"),
            ] {
                let error = #expect(throws: TLSError.self) {
                    try ClientTLS(authorities: path)
                }
                #expect(error?.description.hasPrefix("\(path): \(words); ") == true)
            }
        }
    }

    /// What is wrong with a certificate and a key, and whether the file is there at all.
    private func error(_ certificate: String, _ key: String) -> TLSError? {
        do throws(TLSError) {
            _ = try ClientTLS(authorities: nil, identity: (certificate, key))
            return nil
        } catch {
            return error
        }
    }

    @Test("is presented a certificate and a key that fit, or else it is told why they do not before anyone is asked")
    func pair() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let client = try await make.issue("client", by: authority)
            #expect(error(client.certificate, client.key) == nil)

            let other = try await make.key("other")
            let misfit = error(client.certificate, other)
            #expect(misfit?.file == other)
            #expect(misfit?.reason == "the key does not belong to the first certificate of \(client.certificate)")
            let chain = try await make.bundle("chain.pem", [authority.certificate, client.certificate])
            #expect(error(chain, client.key)?.reason == "the key belongs to its certificate number 2, not to the first")
            #expect(error(client.certificate, client.certificate)?.reason == "has no PEM private key")

            let encrypted = folder.path("encrypted.key")
            let encrypting = ["openssl", "pkcs8", "-topk8", "-in", client.key, "-out", encrypted]
            _ = try await CommandLineTool.require(encrypting + ["-passout", "pass:secret"])
            #expect(error(client.certificate, encrypted)?.reason.hasPrefix("the key is encrypted") == true)
            let der = folder.path("key.der")
            _ = try await CommandLineTool.require(
                ["openssl", "pkey", "-in", client.key, "-outform", "der", "-out", der]
            )
            #expect(error(client.certificate, der)?.remedy == "convert it: openssl pkey -inform der")
            let empty = try folder.write([], to: "empty")
            #expect(error(client.certificate, empty)?.description.hasPrefix("\(empty): is empty; ") == true)

            let past = try await make.issue("past", by: authority, valid: .past)
            let expired = error(past.certificate, past.key)
            #expect(expired?.reason == "the certificate expired at 2020-12-31T23:59:59Z")
            #expect(expired?.isUnreadable == false)
            let missing = folder.path("missing.key")
            #expect(error(client.certificate, missing)?.reason == "does not exist")
            #expect(error(client.certificate, missing)?.isUnreadable == true)
        }
    }
}
