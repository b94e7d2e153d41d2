// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials
package import NIOSSL

/// Why TLS failed, where that can be told.
package enum TLSFailure: Hashable, Sendable {
    /// Its certificate is not believed; why, if that can be told, and what the certificate says.
    case untrustedCertificate(CertificateObjection?, CertificateFacts?)
    /// Its certificate is for other names: these.
    case otherName(String)
    /// It requires a client certificate.
    case certificateRequired
    /// It does not accept our certificate, by this alert.
    case rejectedOurCertificate(String)
    /// It does not speak TLS.
    case notTLS
    /// It ended the connection during the handshake.
    case ended
    /// It shares no version of TLS with what was offered.
    case noSharedVersion
    /// It shares no cipher suite, curve or signature with what was offered.
    case nothingShared
    /// Anything else, by the name that BoringSSL has for it.
    case other(String)

    /// Why TLS failed; nil if the error is of something else.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - presented: The certificate that the other side had sent by then.
    ///   - anchors: The trusted authorities; nil for those of the system.
    ///   - now: The present, in seconds since 1970.
    package init?(
        _ error: any Error,
        presented: NIOSSLCertificate? = nil,
        trusting anchors: TrustAnchors? = nil,
        at now: Int64
    ) {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self = .otherName(presented.map { CertificateNames($0).text } ?? "")
        case NIOSSLError.unableToValidateCertificate:
            self = .otherName(presented.map { CertificateNames($0).text } ?? "")
        case NIOSSLError.handshakeFailed(.zeroReturn), NIOSSLError.handshakeFailed(.syscallError): self = .ended
        default:
            guard let reasons = TLSReasons(error) else {
                self = .other("\(error)")
                return
            }
            if reasons.contain(anyOf: ["CERTIFICATE_VERIFY_FAILED", "KEY_USAGE_BIT_INCORRECT"]) {
                let facts = presented.flatMap { try? CertificateFacts($0) }
                let trusted = anchors ?? TrustAnchors([], for: .server, at: now)
                let objection = facts.map { CertificateObjection(to: $0, of: .server, trusting: trusted, at: now) }
                self = .untrustedCertificate(objection, facts)
            } else {
                self = Self(reasons)
            }
        }
    }

    private init(_ reasons: TLSReasons) {
        self =
            switch reasons.alert {
            case "certificate_required": .certificateRequired
            case "protocol_version": .noSharedVersion
            case "handshake_failure", "insufficient_security": .nothingShared
            case .some(let alert) where TLSAlert.rejectsCertificate(alert): .rejectedOurCertificate(alert)
            case .some(let alert): .other("its alert is \(alert)")
            case nil where reasons.isEndOfStream: .ended
            case nil where reasons.contain(anyOf: Self.foreign): .notTLS
            case nil where reasons.contain(anyOf: Self.versions): .noSharedVersion
            case nil where reasons.contain(anyOf: Self.unshared): .nothingShared
            case nil: .other("\(reasons)")
            }
    }

    private static let foreign: Set = [
        "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG",
        "ENCRYPTED_LENGTH_TOO_LONG",
    ]
    private static let versions: Set = ["UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "TLS13_DOWNGRADE"]
    private static let unshared: Set = [
        "NO_SHARED_CIPHER", "WRONG_CIPHER_RETURNED", "WRONG_CURVE", "BAD_ECC_CERT", "WRONG_SIGNATURE_TYPE",
        "WRONG_CERTIFICATE_TYPE", "NO_COMMON_SIGNATURE_ALGORITHMS", "UNSUPPORTED_ELLIPTIC_CURVE",
    ]
}
