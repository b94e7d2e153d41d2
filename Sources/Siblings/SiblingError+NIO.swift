// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

extension SiblingError {
    /// What an error of a connection says about the sibling.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - sibling: Whose connection it was.
    ///   - otherwise: What it comes to if it is neither of HTTP nor of TLS.
    init(_ error: any Error, of sibling: Sibling, otherwise: SiblingError) {
        self =
            switch error {
            case let error as SiblingError: error
            case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown: otherwise
            case is HTTPParserError: .malformed("it is not HTTP/1.1")
            case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
                .untrusted(Self.reason(error, of: sibling))
            default: otherwise
            }
    }

    /// Why TLS failed and what helps, in words.
    ///
    /// BoringSSL tells it only by the names in its errors' descriptions, between file names and numbers.
    private static func reason(_ error: any Error, of sibling: Sibling) -> String {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "its certificate is not valid for \(sibling.certificateName)"
        }
        if case NIOSSLError.unableToValidateCertificate = error {
            return "its certificate is not valid for \(sibling.certificateName)"
        }
        let description = "\(error)"
        return reasons.first { names, _ in names.contains { description.contains($0) } }?.reason
            ?? "the TLS handshake failed; compare the TLS settings of both servers"
    }

    /// The names of BoringSSL's reasons, and what they mean.
    private static let reasons: [(names: [String], reason: String)] = [
        (["CERTIFICATE_VERIFY_FAILED"], "its certificate is not of an authority in --tls-peers-ca, or not valid now"),
        (
            [
                "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN",
                "ALERT_CERTIFICATE_EXPIRED", "ALERT_CERTIFICATE_REVOKED", "ALERT_UNSUPPORTED_CERTIFICATE",
                "ALERT_NO_CERTIFICATE", "ALERT_ACCESS_DENIED",
            ],
            "it does not accept our certificate: name this server in --tls-allowed-client and let its certificate be valid "
                + "for clients too"
        ),
        (
            ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG"],
            "it does not speak TLS on this port; name its TLS port in --peers"
        ),
        (
            ["EOF during handshake"],
            "it ended the connection during the TLS handshake; look whether it speaks TLS on this port, and at its log"
        ),
        (
            ["PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "HANDSHAKE_FAILURE", "NO_SHARED_CIPHER"],
            "it shares no version or cipher of TLS with this server; compare the TLS settings of both"
        ),
    ]
}

extension Sibling {
    /// What its certificate has to name.
    fileprivate var certificateName: String { hostName ?? address.ipAddress ?? description }
}
