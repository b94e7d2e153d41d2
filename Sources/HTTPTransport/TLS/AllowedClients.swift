// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL

/// Who may fetch, of those whom the clients' authorities have signed.
package struct AllowedClients: Sendable {
    /// What is decided of a client.
    package struct Decision: Hashable, Sendable {
        /// Whether it may fetch.
        package let isAllowed: Bool
        /// Who it is, for a log: the alternative names of its certificate, printable and of bounded length.
        package let identity: String
    }

    private let identities: Set<ClientIdentity>

    /// Those who may fetch; an empty list stands for everyone whom the authorities have signed.
    package init(_ identities: [ClientIdentity]) {
        self.identities = Set(identities)
    }

    /// Decides by the alternative names of a certificate that was verified; the common name never counts.
    package func decide(on certificate: NIOSSLCertificate) -> Decision {
        let names = CertificateNames(certificate)
        let isAllowed = identities.isEmpty || !identities.isDisjoint(with: ClientIdentity.all(in: names))
        return Decision(isAllowed: isAllowed, identity: names.text)
    }
}
