// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import ServerClient

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
            default: TLSFailure(error).map { .untrusted(Self.reason($0, of: sibling)) } ?? otherwise
            }
    }

    /// Why TLS failed and what helps, in words.
    private static func reason(_ failure: TLSFailure, of sibling: Sibling) -> String {
        switch failure {
        case .otherName: "its certificate is not valid for \(sibling.certificateName)"
        case .untrustedCertificate: "its certificate is not of an authority in --tls-peers-ca, or not valid now"
        case .refusedOurCertificate:
            "it does not accept our certificate: name this server in --tls-allowed-client and let its certificate be valid "
                + "for clients too"
        case .notTLS: "it does not speak TLS on this port; name its TLS port in --peers"
        case .ended:
            "it ended the connection during the TLS handshake; look whether it speaks TLS on this port, and at its log"
        case .nothingInCommon:
            "it shares no version or cipher of TLS with this server; compare the TLS settings of both"
        case .other: "the TLS handshake failed; compare the TLS settings of both servers"
        }
    }
}

extension Sibling {
    /// What its certificate has to name.
    fileprivate var certificateName: String { hostName ?? address.ipAddress ?? description }
}
