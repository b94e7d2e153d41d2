// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
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
    ///
    /// A resumed session carries the certificate that was verified when it began, and BoringSSL does not verify it
    /// again, so its end is looked at here.
    ///
    /// - Parameters:
    ///   - certificate: The client's certificate.
    ///   - now: The present, in seconds since 1970.
    /// - Returns: Whether it may fetch, and who it is.
    package func decide(on certificate: NIOSSLCertificate, at now: Int64 = platform_seconds()) -> Decision {
        let names = CertificateNames(certificate)
        let isNamed = identities.isEmpty || !identities.isDisjoint(with: ClientIdentity.all(in: names))
        return Decision(isAllowed: isNamed && now <= Int64(certificate.notValidAfter), identity: names.text)
    }
}
