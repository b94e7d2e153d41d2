// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

/// Why TLS failed, as far as that can be told.
///
/// BoringSSL tells it only by the names in its errors' descriptions, between file names and numbers.
package enum TLSFailure: Hashable, Sendable {
    /// Its certificate is not of an authority that is trusted, or not valid now.
    case untrustedCertificate
    /// Its certificate is for another name.
    case otherName
    /// It does not accept our certificate, or demands one.
    case refusedOurCertificate
    /// It does not speak TLS.
    case notTLS
    /// It ended the connection during the handshake.
    case ended
    /// It shares no version or cipher.
    case nothingInCommon
    /// Anything else.
    case other

    /// Why TLS failed; nil if the error is of something else.
    package init?(_ error: any Error) {
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            self = .otherName
        } else if case NIOSSLError.unableToValidateCertificate = error {
            self = .otherName
        } else {
            let description = "\(error)"
            self = Self.names.first { $0.names.contains { description.contains($0) } }?.failure ?? .other
        }
    }

    /// The names of BoringSSL's reasons, and what they mean.
    private static let names: [(failure: TLSFailure, names: [String])] = [
        (.untrustedCertificate, ["CERTIFICATE_VERIFY_FAILED"]),
        (
            .refusedOurCertificate,
            [
                "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN",
                "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_REVOKED", "ALERT_UNSUPPORTED_CERTIFICATE",
                "ALERT_NO_CERTIFICATE", "ALERT_ACCESS_DENIED",
            ]
        ),
        (.notTLS, ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG"]),
        (.ended, ["EOF during handshake"]),
        (
            .nothingInCommon,
            ["PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE", "NO_SHARED_CIPHER"]
        ),
    ]
}
