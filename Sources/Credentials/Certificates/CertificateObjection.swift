// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What is wrong with a certificate that was not believed, if the certificate and the authorities tell it.
package enum CertificateObjection: Hashable, Sendable {
    /// It has expired.
    case expired
    /// It is not valid yet.
    case notYetValid
    /// It is not for this role.
    case otherUsage
    /// Its issuer is none of the authorities, and leads to none.
    case unknownAuthority
    /// There is an authority of its issuer's name, but with another key.
    case otherKey
    /// Its issuer is an authority that has expired, or is not valid yet.
    case expiredAuthority
    /// Its issuer is a valid authority, so something else is not in order: a constraint, a signature.
    case invalidChain

    /// The role of one side of TLS.
    package enum Role: Sendable {
        case client
        case server
    }

    /// What is wrong with a certificate in a role to someone with these anchors, at a time in seconds since 1970.
    package init(to facts: CertificateFacts, of role: Role, trusting anchors: TrustAnchors, at now: Int64) {
        let namesakes = anchors.authorities[facts.issuer] ?? []
        let issuers = namesakes.filter { facts.mayBeIssued(by: $0) }
        self =
            if now > facts.validity.upperBound {
                .expired
            } else if now < facts.validity.lowerBound {
                .notYetValid
            } else if !(role == .client ? facts.isForClients : facts.isForServers) {
                .otherUsage
            } else if namesakes.isEmpty {
                .unknownAuthority
            } else if issuers.isEmpty {
                .otherKey
            } else if issuers.contains(where: { $0.validity.contains(now) }) {
                .invalidChain
            } else {
                .expiredAuthority
            }
    }
}
