// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A certificate that was named as an authority, and vouches for nobody now.
package struct IgnoredAnchor: Hashable, Sendable {
    /// Which of those that were named it is; the first is 1.
    package let number: Int
    /// Whom it is of; nil if it cannot be read.
    package let subject: DistinguishedName?
    /// Why it vouches for nobody.
    package let reason: Reason

    /// Why a certificate vouches for nobody.
    package enum Reason: Hashable, Sendable {
        /// It is not built as RFC 5280 has it.
        case unreadable
        /// It is no authority's, or its key usage forbids it to issue others.
        case notAnAuthority
        /// By its extended key usage, it does not vouch for this role.
        case otherUsage
        /// It was valid until then, in seconds since 1970.
        case expired(Int64)
        /// It will be valid from then on, in seconds since 1970.
        case notYetValid(Int64)

        /// Why; nil if it does vouch.
        init?(_ facts: CertificateFacts?, _ role: CertificateObjection.Role, at now: Int64) {
            guard let facts else {
                self = .unreadable
                return
            }
            if !facts.maySignCertificates {
                self = .notAnAuthority
            } else if !facts.mayVouch(for: role) {
                self = .otherUsage
            } else if now >= facts.validity.upperBound {
                self = .expired(facts.validity.upperBound)
            } else if now < facts.validity.lowerBound {
                self = .notYetValid(facts.validity.lowerBound)
            } else {
                return nil
            }
        }

        /// Whether that is so at any time.
        var isLasting: Bool {
            switch self {
            case .unreadable, .notAnAuthority, .otherUsage: true
            case .expired, .notYetValid: false
            }
        }
    }
}
