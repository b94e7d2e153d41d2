// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Credentials
internal import ServerInterface

extension CertificatesDocument {
    /// What new connections get by credentials, and who of their clients may fetch.
    init(_ credentials: TLSCredentials, allowing allowed: [ClientIdentity]) {
        let certificate = credentials.certificate
        let first = certificate.chain?.first
        self.init(
            certificate: Certificate(
                file: credentials.certificateFile,
                sha256: certificate.fingerprint.hexadecimal,
                names: certificate.names,
                begins: first.map { Timestamp.text($0.validity.lowerBound) },
                expires: Timestamp.text(certificate.expiry),
                key: first.map { "\($0.key)" },
                issuer: first.map { "\($0.issuer)" },
                remarks: certificate.remarks.map { .init($0.description, isRejection: $0.weight != .note) }
            ),
            clientAuthorities: credentials.clientAuthoritiesFile,
            allowedClients: allowed.map { "\($0)" },
            authorities: credentials.authorityExpiries.map { file, expiry in
                .init(file: file, expires: expiry.map(Timestamp.text))
            },
            problem: credentials.problem
        )
    }
}
