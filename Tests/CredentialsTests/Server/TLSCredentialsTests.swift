// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Credentials
import TestSupport
import Testing

@Suite("TLS credentials")
struct TLSCredentialsTests {
    private typealias Pair = TestCertificates.Pair

    /// The error of loading files.
    private func error(
        chain: String,
        key: String,
        authorities: String? = nil,
        at now: Int64? = nil
    ) -> TLSError? {
        let files = TLSFiles(certificateChain: chain, privateKey: key, clientAuthorities: authorities)
        do throws(TLSError) {
            if let now { _ = try TLSCredentials(files, now: { now }) } else { _ = try TLSCredentials(files) }
            return nil
        } catch {
            return error
        }
    }

    @Test("load with each kind of key", arguments: [TestCertificates.Key.p256, .rsa, .ed25519])
    func kinds(_ kind: TestCertificates.Key) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue(
                "server",
                by: authority,
                names: ["DNS:a.example", "DNS:b.example"],
                key: kind
            )
            let files = TLSFiles(certificateChain: pair.certificate, privateKey: pair.key)
            let certificate = try TLSCredentials(files).certificate
            #expect(certificate.expiry == TestCertificates.Validity.present.expiry)
            #expect(certificate.names == "a.example,b.example")
            let printed = try await CommandLineTool.require(
                ["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", pair.certificate]
            )
            let fingerprint = printed.split(separator: "=").last?.filter(\.isHexDigit).lowercased()
            #expect(certificate.fingerprint.hexadecimal == fingerprint)
        }
    }

    @Test("load a chain, and a file that holds the key as well")
    func chain() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let root = try await make.authority("root")
            let intermediate = try await make.intermediate("intermediate", by: root)
            let pair = try await make.issue("server", by: intermediate)
            let all = try await make.bundle("all.pem", [pair.key, pair.certificate, intermediate.certificate])
            #expect(error(chain: all, key: all) == nil)
        }
    }

    @Test("load from files with byte order marks, of which joined files have several")
    func byteOrderMarks() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority)
            let mark = try folder.write([0xef, 0xbb, 0xbf], to: "mark")
            let joined = [mark, pair.certificate, mark, authority.certificate]
            let chain = try await make.bundle("chain.pem", joined)
            let key = try await make.bundle("marked.key", [mark, pair.key])
            let authorities = try await make.bundle("authorities.pem", [mark, authority.certificate])
            #expect(error(chain: chain, key: key, authorities: authorities) == nil)
        }
    }

    @Test("are refused when the key is another's", arguments: [TestCertificates.Key.p256, .rsa, .ed25519])
    func mismatch(_ kind: TestCertificates.Key) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority, key: kind)
            for other in [TestCertificates.Key.p256, .rsa, .ed25519] {
                let key = try await make.key("other", other)
                let error = error(chain: pair.certificate, key: key)
                #expect(error?.file == key)
                #expect(error?.reason == "the key does not belong to the first certificate of \(pair.certificate)")
            }
        }
    }

    @Test("are refused when the server's certificate is not the first")
    func order() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority)
            let chain = try await make.bundle("chain.pem", [authority.certificate, pair.certificate])
            let error = error(chain: chain, key: pair.key)
            #expect(error?.file == chain)
            #expect(error?.reason == "the key belongs to its certificate number 2, not to the first")
        }
    }

    @Test("are refused when the certificate is not valid now")
    func dates() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let past = try await make.issue("past", by: authority, valid: .past)
            #expect(
                error(chain: past.certificate, key: past.key)?.reason
                    == "the certificate expired at 2020-12-31T23:59:59Z"
            )
            let future = try await make.issue("future", by: authority, valid: .future)
            #expect(
                error(chain: future.certificate, key: future.key)?.reason
                    == "the certificate is not valid before 2098-01-01T00:00:00Z"
            )
            // The last second counts (RFC 5280 §4.1.2.5).
            let expiry = TestCertificates.Validity.past.expiry
            #expect(error(chain: past.certificate, key: past.key, at: expiry) == nil)
            #expect(error(chain: past.certificate, key: past.key, at: expiry + 1) != nil)
        }
    }

    @Test("are refused when a file cannot be read, and the error names it")
    func unreadable() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.authority("authority")
            let missing = folder.path("missing.pem")
            let empty = try folder.write([], to: "empty.pem")
            let large = try folder.write([UInt8](repeating: 10, count: 1 << 20 + 1), to: "large.pem")
            let fifo = folder.path("fifo")
            _ = try await CommandLineTool.require(["mkfifo", fifo])
            try folder.link("loop", to: "loop")
            let reasons = [
                missing: "does not exist",
                "\(pair.key)/x": "does not exist",
                empty: "is empty",
                large: "has more than 1 MiB",
                folder.path: "is not a regular file",
                fifo: "is not a regular file",
                "/dev/zero": "is not a regular file",
                folder.path("loop"): "is a link to itself",
            ]
            for (file, reason) in reasons {
                let errors = [
                    error(chain: file, key: pair.key), error(chain: pair.certificate, key: file),
                    error(chain: pair.certificate, key: pair.key, authorities: file),
                ]
                #expect(errors.map { $0?.file } == [file, file, file])
                #expect(errors.map { $0?.reason } == [reason, reason, reason])
            }
        }
    }

    @Test("are refused when there is no certificate, or none that can be read")
    func noCertificate() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.authority("authority")
            #expect(error(chain: pair.key, key: pair.key)?.reason == "has no PEM certificate")
            #expect(
                error(chain: pair.certificate, key: pair.key, authorities: pair.key)?.reason == "has no PEM certificate"
            )
            let binary = folder.path("authority.der")
            _ = try await CommandLineTool.require(
                ["openssl", "x509", "-in", pair.certificate, "-outform", "der", "-out", binary]
            )
            #expect(error(chain: binary, key: pair.key)?.remedy == "convert it: openssl x509 -inform der")
            let text = try await CommandLineTool.require(["cat", pair.certificate])
            // Cut off, as a file is while it is being written; and a second certificate that is cut off.
            let half = String(text.prefix(text.count / 2))
            for bytes in [half, text + half, text.replacing("MII", with: "???")] {
                let file = try folder.write(Array(bytes.utf8), to: "bad.pem")
                #expect(error(chain: file, key: pair.key)?.reason == "has a certificate that cannot be read")
            }
        }
    }

    @Test("are refused when a certificate's dates are none")
    func malformedDates() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.authority("authority")
            let binary = folder.path("authority.der")
            _ = try await CommandLineTool.require(
                ["openssl", "x509", "-in", pair.certificate, "-outform", "der", "-out", binary]
            )
            // Month 99, in place of January 2020 (UTCTime, RFC 5280 §4.1.2.5.1).
            _ = try await CommandLineTool.require(["sed", "-i", "s/200101000000Z/209901000000Z/", binary])
            let text = try await CommandLineTool.require(["openssl", "base64", "-in", binary])
            let file = try folder.write(
                Array("-----BEGIN CERTIFICATE-----\n\(text)-----END CERTIFICATE-----\n".utf8),
                to: "malformed.pem"
            )
            #expect(error(chain: file, key: pair.key)?.file == file)
            #expect(error(chain: pair.certificate, key: pair.key, authorities: file)?.file == file)
        }
    }

    @Test("are refused when there is no key, or none that can be read, without a word of it")
    func noKey() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.authority("authority")
            #expect(error(chain: pair.certificate, key: pair.certificate)?.reason == "has no PEM private key")
            let encrypted = folder.path("encrypted.key")
            let traditional = folder.path("traditional.key")
            let encrypt = ["-in", pair.key, "-aes256", "-passout", "pass:secret", "-out"]
            _ = try await CommandLineTool.require(
                ["openssl", "pkcs8", "-topk8", "-v2", "aes256"] + encrypt.filter { $0 != "-aes256" } + [encrypted]
            )
            _ = try await CommandLineTool.require(["openssl", "ec"] + encrypt + [traditional])
            for file in [encrypted, traditional] {
                #expect(
                    error(chain: pair.certificate, key: file)?.reason
                        == "the key is encrypted, and nobody is there to give a passphrase"
                )
            }
            let text = try await CommandLineTool.require(["cat", pair.key])
            let half = try folder.write(Array(text.prefix(text.count / 2).utf8), to: "half.key")
            let unsupported = try await make.key("unsupported", .secp256k1)
            for file in [half, unsupported] {
                let error = error(chain: pair.certificate, key: file)
                #expect(error?.reason == "the key cannot be read")
                let secret = try #require(text.split(separator: "\n").dropFirst().first)
                #expect(error?.description.contains(secret.prefix(8)) == false)
            }
        }
    }

    @Test("are refused when the certificate's key is of a kind that is not supported, or an authority's")
    func unsupportedCertificate() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority, key: .secp256k1)
            for pair in [pair, authority] {
                let error = error(chain: pair.certificate, key: try await make.key("other"))
                #expect(error?.file == pair.certificate)
                #expect(
                    error?.reason
                        == "the first certificate's key is of a kind that is not supported, or not for signatures"
                )
            }
        }
    }

    @Test("are refused when no authority of the clients is valid now; one is enough")
    func authorities() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let valid = try await make.authority("valid")
            let expired = try await make.authority("expired", valid: .past)
            let pair = try await make.issue("server", by: valid)
            let mixed = try await make.bundle("mixed.pem", [expired.certificate, valid.certificate])
            #expect(error(chain: pair.certificate, key: pair.key, authorities: mixed) == nil)
            let error = error(chain: pair.certificate, key: pair.key, authorities: expired.certificate)
            #expect(error?.file == expired.certificate)
            #expect(error?.reason == "none of its authorities is valid now")
        }
    }

    @Test("say an error in one line, with the remedy")
    func line() {
        let error = error(chain: "/nowhere/tls.crt", key: "/nowhere/tls.key")
        #expect(error?.description == "/nowhere/tls.crt: does not exist; check the path and the mount")
    }
}
