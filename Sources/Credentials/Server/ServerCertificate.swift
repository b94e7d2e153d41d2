// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import NIOSSL

/// What a log says of the certificate that the server presents.
package struct ServerCertificate: Hashable, Sendable {
    /// The last second in which it is valid, since 1970.
    package let expiry: Int64
    /// The SHA-256 digest of its DER form, as `openssl x509 -fingerprint -sha256` prints it but for the colons.
    package let fingerprint: Digest
    /// Its subject alternative names, as far as a log needs them; printable ASCII.
    package let names: String
    /// What is presented to clients; nil if that cannot be read.
    package let chain: CertificateChain?
    /// What clients mind about it.
    package let remarks: [CertificateRemark]

    /// What is said of a certificate.
    ///
    /// - Parameters:
    ///   - certificate: The certificate.
    ///   - presented: It and those that follow it.
    ///   - peers: Whom peers trust that have the same settings; nil if there are none.
    ///   - clients: What peers say of a client with the same settings; nil if there are none, or if they let anyone in.
    ///   - now: The present, in seconds since 1970.
    /// - Throws: An error of swift-nio-ssl.
    init(
        _ certificate: NIOSSLCertificate,
        in presented: [NIOSSLCertificate],
        peers: TrustAnchors?,
        asClientOf clients: (authorities: TrustAnchors, allowed: AllowedClients)?,
        at now: Int64
    ) throws {
        expiry = Int64(certificate.notValidAfter)
        fingerprint = Digest(of: try certificate.toDERBytes())
        names = CertificateNames(certificate).text
        let chain = CertificateChain(presented)
        self.chain = chain
        let asClient =
            clients.map { clients in
                [
                    chain?.remark(asClientOf: clients.authorities),
                    clients.allowed.remark(onServer: certificate, at: now),
                ].compactMap(\.self)
            } ?? []
        remarks = (chain?.remarks(peers: peers, at: now) ?? []) + asClient
    }
}
