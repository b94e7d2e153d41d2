// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import NIOSSL

/// Who may fetch, among those whose certificates the clients' authorities have signed.
package struct AllowedClients: Sendable {
    /// What is decided of a client.
    package struct Decision: Hashable, Sendable {
        /// Why it may not fetch; nil if it may.
        package let objection: Objection?
        /// Who it is, for a log: the alternative names of its certificate, printable and of bounded length.
        package let identity: String

        /// Whether it may fetch.
        package var isAllowed: Bool { objection == nil }
    }

    /// Why a client with a certificate of the authorities may not fetch.
    package enum Objection: Hashable, Sendable {
        /// Its certificate expired at this second since 1970, while its session lasted.
        case expired(Int64)
        /// Its certificate has no name that could be on the list; this is its subject.
        case nameless(DistinguishedName?)
        /// None of its names is on the list.
        case notListed
    }

    private let identities: Set<ClientIdentity>
    private let listName: String

    /// Those who may fetch, by a list that messages call by its name; none stands for everyone with a certificate of
    /// the authorities.
    package init(_ identities: [ClientIdentity], listName: String = "the list of allowed clients") {
        self.identities = Set(identities)
        self.listName = listName
    }

    /// Decides by the alternative names of a certificate that was verified; the common name never counts.
    ///
    /// A resumed session carries the certificate that was verified when it began, and BoringSSL does not verify it
    /// again. Sessions are declined from then on (``TLSCredentials/declineSessions(afterClientExpiry:)``); what began before is
    /// judged here, by the present in seconds since 1970.
    package func decide(on certificate: NIOSSLCertificate, at now: Int64 = platform_seconds()) -> Decision {
        let names = CertificateNames(certificate)
        let end = Int64(certificate.notValidAfter)
        let objection: Objection? = now > end ? .expired(end) : objection(to: certificate, names)
        return Decision(objection: objection, identity: names.text)
    }

    private func objection(to certificate: NIOSSLCertificate, _ names: CertificateNames) -> Objection? {
        guard !identities.isEmpty, identities.isDisjoint(with: ClientIdentity.all(in: names)) else { return nil }
        guard names.dnsNames.isEmpty, names.uris.isEmpty else { return .notListed }
        return .nameless((try? CertificateFacts(certificate))?.subject)
    }
}

extension AllowedClients {
    /// What peers that allow the same clients mind about the server's own certificate, with which it asks them.
    func remark(onServer certificate: NIOSSLCertificate, at now: Int64) -> CertificateRemark? {
        let decision = decide(on: certificate, at: now)
        guard decision.objection == .notListed || decision.isNameless else { return nil }
        let names =
            decision.isNameless ? "it has no DNS name or SPIFFE ID" : "it has only the names \(decision.identity)"
        return CertificateRemark(
            peersDenyAs: "\(names), none of which is an allowed client's",
            remedy: "name its DNS name by \(listName), too"
        )
    }
}

extension AllowedClients.Decision {
    fileprivate var isNameless: Bool { if case .nameless = objection { true } else { false } }
}
