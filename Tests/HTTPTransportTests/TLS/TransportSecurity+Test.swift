// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPTransport
import TestSupport

@testable import Credentials

extension TransportSecurity {
    /// A server's certificate, with which anyone may fetch; it is made once, as `openssl` takes its time.
    static var lettingAnyoneIn: TransportSecurity {
        get async throws { try await made.value }
    }

    private static let made = Task {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.issue("server", by: try await make.authority("authority"))
            let files = TLSFiles(certificateChain: pair.certificate, privateKey: pair.key)
            return TransportSecurity(credentials: try TLSCredentials(files), allowedClients: AllowedClients([]))
        }
    }
}
