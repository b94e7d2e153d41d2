// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL
internal import SwiftASN1

/// The authorities that an operator has named, each of which vouches for what it has issued.
///
/// RFC 5280 §6.1.1 leaves it to the operator what a trust anchor is, and an authority between a root and its servers is one
/// as well: it is what cert-manager gives as `ca.crt`, and what Envoy, Go and curl take. BoringSSL believes only roots, if it
/// is not told otherwise. swift-nio-ssl cannot tell it so, but reads certificates with OpenSSL's trust settings
/// (`openssl x509 -trustout`), and there it can be said: this one is trusted for servers and clients of TLS.
///
/// Only authorities get such settings. Whoever names a whole chain does not mean that its first certificate may issue others.
/// BoringSSL would not look at the dates of a certificate that it was told to trust, so those that are not valid now get none.
package struct TrustAnchors: Sendable {
    /// What a TLS context is to trust.
    package let certificates: [NIOSSLCertificate]
    /// The last second in which these are the right ones, since 1970; nil if that does not change.
    package let end: Int64?
    /// What they say, by their names.
    package let authorities: [DistinguishedName: [CertificateFacts]]
    /// Whether any of them can vouch for anyone: an authority, or a certificate that is its own issuer.
    package let canVouch: Bool

    /// Anchors of certificates.
    ///
    /// - Parameters:
    ///   - certificates: The certificates.
    ///   - now: The present, in seconds since 1970.
    package init(_ certificates: [NIOSSLCertificate], at now: Int64) {
        let facts = certificates.map { try? CertificateFacts($0) }
        self.certificates = zip(certificates, facts).map { certificate, facts in
            guard let facts, facts.isAuthority, facts.validity.contains(now) else { return certificate }
            return Self.trusted(certificate) ?? certificate
        }
        let known = facts.compactMap(\.self)
        authorities = Dictionary(grouping: known, by: \.subject)
        let changes = known.filter(\.isAuthority).flatMap { [$0.validity.lowerBound - 1, $0.validity.upperBound] }
        end = changes.filter { $0 >= now }.min()
        canVouch = facts.contains { $0.map { $0.isAuthority || $0.isSelfIssued } ?? true }
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
