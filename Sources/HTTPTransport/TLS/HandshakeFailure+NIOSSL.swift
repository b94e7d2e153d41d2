// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics
internal import NIOCore
internal import NIOSSL

extension ConnectionEvent.HandshakeFailure {
    /// Why a handshake failed, by the error that swift-nio-ssl raised until it was complete.
    ///
    /// BoringSSL's reasons are to be had as text only; their names are those of its `SSL_R_` constants.
    package init(_ error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let stack)), NIOSSLError.handshakeFailed(.unknownError(let stack)):
            self = Self(reasons: stack.map(\.description))
        case NIOSSLError.handshakeFailed(.zeroReturn), NIOSSLError.handshakeFailed(.syscallError),
            NIOSSLError.uncleanShutdown, is IOError, is ChannelError:
            self = .abandoned
        default:
            self = .other
        }
    }

    private init(reasons: [String]) {
        let match = Self.causes.first { cause in
            reasons.contains { reason in cause.names.contains { reason.contains($0) } }
        }
        self = match?.failure ?? .other
    }

    /// The first that is found counts.
    private static let causes: [(failure: Self, names: [String])] = [
        (.missingCertificate, ["PEER_DID_NOT_RETURN_A_CERTIFICATE"]),
        (
            .invalidCertificate,
            [
                "CERTIFICATE_VERIFY_FAILED", "KEY_USAGE_BIT_INCORRECT", "CANNOT_PARSE_LEAF_CERT",
                "UNKNOWN_CERTIFICATE_TYPE", "BAD_SIGNATURE",
            ]
        ),
        (
            .noCommonParameters,
            ["UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "NO_SHARED_GROUP", "NO_COMMON_SIGNATURE_ALGORITHMS"]
        ),
        (.notTLS, ["HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER"]),
        // An alert that the client sent, and the end of its stream. OpenSSL sends the alert that it does not trust a
        // server of TLS 1.3 in the clear, where something encrypted is expected, and it is too short for that.
        (.abandoned, ["_ALERT_", "EOF during handshake", "BAD_PACKET_LENGTH"]),
    ]
}
