// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL
internal import SwiftASN1

/// The authorities that an operator has named, each of which vouches for what it has issued.
///
/// RFC 5280 §6.1.1 leaves it to the operator what a trust anchor is. An authority between a root and its servers is one
/// as well: it is what cert-manager gives as `ca.crt`, and what Envoy, Go and curl take. BoringSSL believes only roots,
/// unless it is told otherwise. swift-nio-ssl cannot tell it so, but reads certificates with OpenSSL's trust settings
/// (`openssl x509 -trustout`), and these can say it: this one is trusted for servers and clients of TLS.
///
/// BoringSSL asks of a certificate in its store neither whether it is an authority's nor what it is for, and takes the
/// first of a name, expired or not. So only what may vouch for others now gets there:
///
/// - authorities (RFC 5280 §6.1.4 (k) and (n)): whoever names a whole chain must not let its first certificate issue
///   others. A certificate that is no authority's cannot be named to mean itself alone, as BoringSSL would let it issue
///   others, too;
/// - whose extended key usage, if they have one, includes the role of those that they vouch for;
/// - that are valid. In its last second a root is not, for BoringSSL, so none is used in that second.
///
/// A path length in an anchor is not heeded, as RFC 5280 §6.1 permits: BoringSSL counts below the anchor only, and
/// swift-nio-ssl offers no view of the path that it found. Path lengths of authorities below the anchor are enforced.
package struct TrustAnchors: Sendable {
    /// What a TLS context is to trust.
    package let certificates: [NIOSSLCertificate]
    /// What those say, in the same order.
    package let inUse: [CertificateFacts]
    /// The others of those that were named, and why they vouch for nobody.
    package let ignored: [IgnoredAnchor]
    /// The last second in which these are the right ones, since 1970; nil if that does not change.
    package let end: Int64?
    /// What all that were named say, by their names.
    package let authorities: [DistinguishedName: [CertificateFacts]]
    /// Whether any of them can vouch for anyone, now or at another time.
    package let canVouch: Bool

    /// Those of the certificates that may vouch for a role, at a time in seconds since 1970.
    package init(_ certificates: [NIOSSLCertificate], for role: CertificateObjection.Role, at now: Int64) {
        var trusted: [NIOSSLCertificate] = []
        var inUse: [CertificateFacts] = []
        var ignored: [IgnoredAnchor] = []
        var known: [CertificateFacts] = []
        var changes: [Int64] = []
        for (index, certificate) in certificates.enumerated() {
            let facts = try? CertificateFacts(certificate)
            if let facts { known.append(facts) }
            let reason = IgnoredAnchor.Reason(facts, role, at: now)
            if let facts, reason?.isLasting != true {
                changes += [facts.validity.lowerBound - 1, facts.validity.upperBound - 1]
            }
            if let reason {
                ignored.append(IgnoredAnchor(number: index + 1, subject: facts?.subject, reason: reason))
            } else {
                trusted.append(Self.trusted(certificate) ?? certificate)
                if let facts { inUse.append(facts) }
            }
        }
        self.certificates = trusted
        self.inUse = inUse
        self.ignored = ignored
        authorities = Dictionary(grouping: known, by: \.subject)
        end = changes.filter { $0 >= now }.min()
        canVouch = !changes.isEmpty
    }

    /// When the first of those in use expires, in seconds since 1970; if there is none, when the last of the others did.
    package var expiry: Int64? {
        let ends = ignored.compactMap { anchor -> Int64? in
            if case .expired(let end) = anchor.reason { end } else { nil }
        }
        return inUse.map(\.validity.upperBound).min() ?? ends.max()
    }

    /// The certificate with the setting that it is trusted; nil if it cannot be read again.
    private static func trusted(_ certificate: NIOSSLCertificate) -> NIOSSLCertificate? {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        let document = PEMDocument(type: "TRUSTED CERTIFICATE", derBytes: bytes + settings)
        return try? NIOSSLCertificate.fromPEMBytes(Array(document.pemString.utf8)).first
    }

    /// X509_CERT_AUX, with nothing but the list of what the certificate is trusted for: id-kp-serverAuth and id-kp-clientAuth
    /// (RFC 5280 §4.2.1.12).
    private static let settings: [UInt8] = {
        let usage: [UInt8] = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03]
        let usages = usage + [0x01] + usage + [0x02]
        return [0x30, UInt8(usages.count + 2), 0x30, UInt8(usages.count)] + usages
    }()
}

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
