// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension CertificateChain {
    /// What peers mind about it when its owner asks them, if they require client certificates as its owner does.
    ///
    /// - Parameter authorities: Whose clients may connect.
    /// - Returns: The remark; nil if nothing is to be said.
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
    /// Something by which the server's certificate is none that peers accept of a client.
    ///
    /// - Parameters:
    ///   - problem: What it is.
    ///   - remedy: What a person can do about it.
    package init(peersDenyAs problem: String, remedy: String) {
        self.init(
            weight: .caution,
            problem: "\(problem), so peers, which require client certificates as this server does, give it no modules",
            remedy: remedy
        )
    }
}
