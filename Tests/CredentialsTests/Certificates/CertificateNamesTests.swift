// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

@Suite("The names of a certificate")
struct CertificateNamesTests {
    // RFC 9525 §6.3: without regard to case; a wildcard is the whole first label, and stands for one. RFC 9110 §4.3.5: an address
    // matches one of the same bytes.
    @Test(
        "cover what a client may call its server",
        arguments: [
            ("a.example", true), ("A.EXAMPLE", true), ("b.example", false), ("x.wild.example", true),
            ("wild.example", false),
            ("x.y.wild.example", false), ("127.0.0.1", true), ("127.0.0.2", false), ("::1", true),
            ("0:0:0:0:0:0:0:1", true),
            ("server", false),
        ]
    )
    func cover(_ host: String, _ isCovered: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let names = ["DNS:a.example", "DNS:*.wild.example", "IP:127.0.0.1", "IP:::1"]
            // The common name does not count (RFC 9525 §2).
            let pair = try await make.issue("server", by: try await make.authority("authority"), names: names)
            let certificate = try #require(try NIOSSLCertificate.fromPEMFile(pair.certificate).first)
            #expect(CertificateNames(certificate).cover(host) == isCovered)
        }
    }
}
