// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Something about a server's certificate that clients do not take, or not all of them.
package struct CertificateRemark: Hashable, Sendable, CustomStringConvertible {
    /// How sure it is that somebody will be rejected.
    package enum Weight: Hashable, Sendable {
        /// It depends on what clients know.
        case note
        /// Some client will not take it, though gateways do.
        case caution
        /// A gateway will not take it.
        case rejection
    }

    /// How sure it is.
    package let weight: Weight
    /// What it is, and which clients mind.
    package let problem: String
    /// What a person can do about it.
    package let remedy: String

    /// One line: the problem, the remedy.
    package var description: String { "\(problem); \(remedy)" }
}

extension CertificateChain {
    /// What clients mind, each kind by what it is known to do: Envoy 1.36 and 1.40, Go 1.27, OpenSSL 3.0.
    ///
    /// - Parameters:
    ///   - peers: What peers with the same settings trust; nil if there are none, or if they trust what their system
    ///     does.
    ///   - now: The present, in seconds since 1970.
    /// - Returns: The remarks.
    package func remarks(peers: TrustAnchors? = nil, at now: Int64) -> [CertificateRemark] {
        faults(at: now) + [end(peers: peers)].compactMap(\.self)
    }

    /// What clients mind, whatever authorities they trust.
    package func faults(at now: Int64) -> [CertificateRemark] {
        [usage, alternativeNames, faultOfKey, signature].compactMap(\.self) + links(at: now)
    }

    private var usage: CertificateRemark? {
        first.isForServers
            ? nil
            : .init(
                weight: .rejection,
                problem: "its extended key usage has no serverAuth, so every client rejects it",
                remedy: "issue it with extendedKeyUsage serverAuth, or without that extension"
            )
    }

    private var alternativeNames: CertificateRemark? {
        first.hasAlternativeNames
            ? nil
            : .init(
                weight: .rejection,
                problem: "it has no subject alternative name, without which istio-agent, Envoy Gateway and Envoy as "
                    + "`config` configures it reject it",
                remedy: "issue it with the DNS name by which gateways call the server; a common name does not count"
            )
    }

    /// What clients mind about the kind of the first key.
    package var faultOfKey: CertificateRemark? {
        switch first.key {
        case .p256, .other: nil
        case .rsa(let bits):
            bits >= 2048
                ? nil
                : .init(
                    weight: .caution,
                    problem: "its key is \(first.key), which clients with OpenSSL reject, and Go below 1024",
                    remedy: "use RSA with 2048 bits or EC on P-256"
                )
        case .p384, .p521, .ed25519:
            .init(
                weight: .rejection,
                problem: "its key is \(first.key), which Envoy rejects unless its cluster has the `tls_params` that "
                    + "`wasm-server config` prints; istio-agent and Envoy Gateway accept it",
                remedy: "use RSA or EC on P-256, or give every cluster those"
            )
        }
    }

    private var signature: CertificateRemark? {
        path.contains { certificates[$0].isSignedWithSHA1 && !certificates[$0].isSelfIssued }
            ? .init(
                weight: .rejection,
                problem: "a signature is made with SHA-1, which istio-agent, Envoy Gateway and clients with OpenSSL "
                    + "reject",
                remedy: "issue it with SHA-256"
            ) : nil
    }

    /// The certificates after the first that are needed.
    private func links(at now: Int64) -> [CertificateRemark] {
        path.dropFirst().compactMap { index in
            let link = certificates[index]
            let name = "its certificate number \(index + 1), of \(link.subject),"
            if !link.isAuthority {
                return .init(
                    weight: .rejection,
                    problem: "\(name) is not an authority's, so every client rejects what it has issued",
                    remedy: "put the authority's certificate there"
                )
            }
            guard !link.validity.contains(now), !link.isSelfIssued else { return nil }
            return .init(
                weight: .rejection,
                problem: "\(name) is not valid now, so clients reject the chain that do not know it by themselves",
                remedy: "put the authority's current certificate there"
            )
        }
    }

    /// The way ends with a certificate whose issuer clients have to know.
    ///
    /// Whether its issuer is a root cannot be told from it; but who says where the certificate of its issuer can be had expects
    /// that somebody lacks it.
    private func end(peers: TrustAnchors?) -> CertificateRemark? {
        guard !last.isSelfIssued else { return nil }
        if let peers {
            let isItself = last.isAuthority && peers.authorities[last.subject] != nil
            let isKnown = isItself || peers.authorities[last.issuer] != nil
            guard !isKnown else { return nil }
        }
        return .init(
            weight: peers != nil || last.namesIssuersAddress ? .rejection : .note,
            problem: "it leads to \(last.issuer), whose certificate is not in the file"
                + (peers == nil ? "" : ", nor among the authorities that peers trust"),
            remedy: "unless that is a root that every client knows, put its certificate there, behind the server's"
        )
    }
}
