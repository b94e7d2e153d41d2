// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL

/// What a server presents: its certificate, and those that are to lead to an authority that its clients know.
package struct CertificateChain: Hashable, Sendable {
    /// The certificates, in the order in which they are presented.
    package let certificates: [CertificateFacts]
    /// The certificates on the way from the first, by their places: the first, its issuer, and so on.
    package let path: [Int]

    /// A chain of what is presented; nil if there is nothing, or nothing that can be read.
    package init?(_ presented: [NIOSSLCertificate]) {
        let facts = presented.map { try? CertificateFacts($0) }
        guard !facts.isEmpty, facts.allSatisfy({ $0 != nil }) else { return nil }
        certificates = facts.compactMap(\.self)
        path = Self.path(through: certificates)
    }

    /// The first, which is the server's own.
    package var first: CertificateFacts { certificates[0] }

    /// The last on the way; whoever issued it has to be known to clients, or it itself if it is its own issuer.
    package var last: CertificateFacts { certificates[path[path.count - 1]] }

    /// Certificates may come in any order (RFC 8446 §4.4.2), and a root may be among them or not.
    private static func path(through certificates: [CertificateFacts]) -> [Int] {
        var path = [0]
        while let end = path.last, !certificates[end].isSelfIssued {
            let next = certificates.indices.first { index in
                !path.contains(index) && certificates[end].mayBeIssued(by: certificates[index])
            }
            guard let next else { break }
            path.append(next)
        }
        return path
    }
}

extension CertificateChain {
    /// What peers mind about it when its owner asks them, if they require client certificates of the same authorities;
    /// else nil.
    package func remark(asClientOf authorities: TrustAnchors) -> CertificateRemark? {
        guard first.isForClients else {
            return .init(
                peersDenyAs: "its extended key usage has no clientAuth",
                remedy: "issue it with extendedKeyUsage serverAuth and clientAuth"
            )
        }
        let isKnown = path.contains { index in
            authorities.inUse.contains { certificates[index].mayBeIssued(by: $0) }
        }
        guard !isKnown else { return nil }
        return .init(
            peersDenyAs: "it leads to \(last.issuer), which is none of the authorities of clients",
            remedy: "issue it by one of those, or add that authority's certificate to their file"
        )
    }
}

extension CertificateRemark {
    /// A problem by which peers do not accept the server's certificate as a client's, and its remedy.
    package init(peersDenyAs problem: String, remedy: String) {
        self.init(
            weight: .caution,
            problem: "\(problem), so peers, which require client certificates as this server does, give it no modules",
            remedy: remedy
        )
    }
}
