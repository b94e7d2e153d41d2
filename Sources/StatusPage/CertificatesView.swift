// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ServerInterface

/// What the server shows to clients of TLS, and whom it believes.
package struct CertificatesView {
    private let certificates: CertificatesDocument
    private let now: String

    /// A view of the certificates, at a ``Timestamp``.
    package init(_ certificates: CertificatesDocument, now: String) {
        (self.certificates, self.now) = (certificates, now)
    }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        Page(title: "Certificates", view: .certificates, content: "<h1>Certificates</h1>\n\(content)")
    }

    private var content: HTML {
        guard let certificate = certificates.certificate else {
            return """
                <p class="empty">Modules are served in the clear; gateways verify them by their digests. To encrypt them as well, give \
                <code>--tls-certificate</code> and <code>--tls-key</code>.</p>
                """
        }
        let problem: HTML? = certificates.problem.map { "<p>\(.state("problem", .failing)) \($0)</p>" }
        let remarks: HTML? =
            certificate.remarks.isEmpty
            ? nil
            : "<h2>What clients mind</h2><ul>\(certificate.remarks.map { "<li>\(.state($0.isRejection ? "rejected" : "note", $0.isRejection ? .attention : .note)) \($0.text)</li>\n" as HTML })</ul>"
        let expiry = RelativeTime(certificate.expires, now: now)
        let level = Findings.level(ofExpiry: expiry.seconds, since: certificate.begins, now: now)
        return """
            \(problem)
            \(.facts([
                "Expires": "\(.state(expiry.words, level)) <small>\(certificate.expires)</small>",
                "Valid from": certificate.begins.map { "\($0)" },
                "Names": "\(certificate.names)",
                "Key": certificate.key.map { "\($0)" },
                "Issuer": certificate.issuer.map { "\($0)" },
                "SHA-256": .digest(certificate.sha256, of: "the certificate"),
                "File": "<code>\(certificate.file)</code>",
                "Clients": clients,
                "Authorities": authorities,
            ]))
            \(remarks)
            """
    }

    private var authorities: HTML? {
        guard !certificates.authorities.isEmpty else { return nil }
        let files = certificates.authorities.map { authorities -> HTML in
            let end = authorities.expires.map { RelativeTime($0, now: now) }
            let state: HTML? = end.map {
                .state("expires \($0.words)", Findings.level(ofExpiry: $0.seconds, since: nil, now: now))
            }
            return "<li><code>\(authorities.file)</code> \(state)</li>\n"
        }
        return "<ul>\(files)</ul>"
    }

    private var clients: HTML {
        guard let file = certificates.clientAuthorities else { return "need no certificate" }
        guard !certificates.allowedClients.isEmpty else {
            return "need a certificate of the authorities in <code>\(file)</code>"
        }
        let names = HTML(certificates.allowedClients.map { "<code>\($0)</code>" as HTML }, separator: ", ")
        return "need a certificate of the authorities in <code>\(file)</code> that names one of \(names)"
    }
}
