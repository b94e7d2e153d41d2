// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Who a client is by its certificate: one exact DNS name or SPIFFE ID.
package struct ClientIdentity: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: Hashable, Sendable {
        case dnsName(DNSName)
        case workload(SPIFFEID)
    }

    private let kind: Kind

    /// Parses what a person writes.
    ///
    /// - Parameter text: A DNS name, or a SPIFFE ID with a path.
    /// - Throws: ``ClientIdentityError``, with the reason and the remedy.
    package init(_ text: String) throws(ClientIdentityError) {
        kind = SPIFFEID.isSpelled(by: text) ? .workload(try SPIFFEID(text)) : .dnsName(try DNSName(text))
    }

    /// The name, with what is compared without regard to case in lowercase.
    package var description: String {
        switch kind {
        case .dnsName(let name): name.description
        case .workload(let identifier): identifier.description
        }
    }

    /// Who the names of a certificate say that its owner is.
    ///
    /// Names that are not exact, such as wildcards, say nothing. More than one URI is not a valid SVID, so it says
    /// nothing either (X509-SVID §2).
    static func all(in names: CertificateNames) -> Set<ClientIdentity> {
        var identities = Set(names.dnsNames.compactMap { (try? DNSName($0)).map { Self(kind: .dnsName($0)) } })
        if names.uris.count == 1, let identifier = try? SPIFFEID(names.uris[0]) {
            identities.insert(Self(kind: .workload(identifier)))
        }
        return identities
    }

    private init(kind: Kind) {
        self.kind = kind
    }
}

/// Why a text names no client.
package struct ClientIdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    package let text: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// One line: the text, the reason, the remedy.
    package var description: String { "\(text): \(reason); \(remedy)" }
}
