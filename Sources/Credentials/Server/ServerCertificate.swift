// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import NIOSSL

/// What a log says of the certificate that the server presents.
package struct ServerCertificate: Hashable, Sendable {
    /// The last second in which it is valid, since 1970.
    package let expiry: Int64
    /// The SHA-256 digest of its DER form; `openssl x509 -fingerprint -sha256` prints it with colons.
    package let fingerprint: Digest
    /// The first of its subject alternative names, for a log; printable ASCII.
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

/// Authorities that a file names, as they count now.
struct NamedAuthorities {
    /// The path of the file.
    let file: String
    let anchors: TrustAnchors
    /// Which they are, to tell one set from another.
    let identity: TLSEvent.Authorities
    /// What nobody gets while none of them is valid.
    private let loss: String

    private init(_ anchors: TrustAnchors, in file: String, loss: String) {
        (self.file, self.anchors, self.loss) = (file, anchors, loss)
        let certificates = anchors.certificates.compactMap { try? $0.toDERBytes() }
        identity = TLSEvent.Authorities(
            file: file,
            names: TLSError.list(anchors.inUse.map { "\($0.subject)" }.sorted()),
            certificates: Set(certificates.map { Digest(of: $0) })
        )
    }

    /// The files of clients' and peers' authorities; one that names both is one of clients'.
    static func all(in files: TLSFiles, clients: TrustAnchors?, peers: TrustAnchors?) -> [Self] {
        let named = [
            (files.clientAuthorities, clients, "every client is denied"),
            (files.peerAuthorities, peers, "no peer is trusted"),
        ]
        return named.compactMap { file, anchors, loss in
            guard let file, let anchors else { return nil }
            return Self(anchors, in: file, loss: loss)
        }
    }

    /// That none of them is valid any more; nil if one is.
    var problem: TLSError? {
        guard anchors.certificates.isEmpty else { return nil }
        return TLSError(
            file: file,
            reason: "none of its authorities is valid now, so \(loss)",
            remedy: "put the authorities' current certificates there"
        )
    }
}
