// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/certificates` of the operations port: what the server shows to clients of TLS, and whom it believes.
///
/// What its users may rely on is in `docs/openapi.yaml`. A later version may add members and values.
package struct CertificatesDocument: InterfaceDocument, Sendable {
    /// Where it is served.
    package static let path = "/certificates"

    /// The certificate that new connections get.
    package struct Certificate: Encodable, Sendable {
        /// The file that it was read from.
        package let file: String
        /// The SHA-256 of its DER form: 64 lowercase hexadecimal digits.
        package let sha256: String
        /// The first of its subject alternative names.
        package let names: String
        /// When it begins to be valid, a ``Timestamp``; nil if that cannot be read.
        package let begins: String?
        /// The last second in which it is valid, a ``Timestamp``.
        package let expires: String
        /// The kind of its key; nil if that cannot be read.
        package let key: String?
        /// Who issued it; nil if that cannot be read.
        package let issuer: String?
        /// What clients mind about it, and what to do.
        package let remarks: [Remark]

        /// A certificate from its parts.
        package init(
            file: String,
            sha256: String,
            names: String,
            begins: String?,
            expires: String,
            key: String?,
            issuer: String?,
            remarks: [Remark]
        ) {
            (self.file, self.sha256, self.names) = (file, sha256, names)
            (self.begins, self.expires, self.key) = (begins, expires, key)
            (self.issuer, self.remarks) = (issuer, remarks)
        }
    }

    /// Something about a certificate that clients mind.
    package struct Remark: Encodable, Sendable {
        /// Whether some client rejects the certificate for it, rather than that it depends on what clients know.
        package let isRejection: Bool
        /// What it is, and what to do.
        package let text: String

        /// A remark from its parts.
        package init(_ text: String, isRejection: Bool) { (self.text, self.isRejection) = (text, isRejection) }
    }

    /// A file of authorities.
    package struct Authorities: Encodable, Sendable {
        /// The file.
        package let file: String
        /// When the first of them expires, or the last did, a ``Timestamp``; nil if none was ever valid.
        package let expires: String?

        /// Authorities from their parts.
        package init(file: String, expires: String?) { (self.file, self.expires) = (file, expires) }
    }

    /// What new connections get; nil without TLS.
    package let certificate: Certificate?
    /// The file of the authorities whose clients may connect; nil if no client certificate is demanded.
    package let clientAuthorities: String?
    /// The names of which a client's certificate must have one; empty for any of the authorities'.
    package let allowedClients: [String]
    /// The files that name authorities, of clients and of peers.
    package let authorities: [Authorities]
    /// What is wrong with what the files hold now; nil if nothing is.
    package let problem: String?

    /// A document from its parts.
    package init(
        certificate: Certificate?,
        clientAuthorities: String?,
        allowedClients: [String] = [],
        authorities: [Authorities] = [],
        problem: String? = nil
    ) {
        (self.certificate, self.clientAuthorities) = (certificate, clientAuthorities)
        self.allowedClients = allowedClients
        (self.authorities, self.problem) = (authorities, problem)
    }

    /// That of a server without TLS.
    package static let none = CertificatesDocument(certificate: nil, clientAuthorities: nil)
}
