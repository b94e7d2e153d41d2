// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import ServerClient

extension PeerError {
    /// What an error of a connection says about the peer.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - peer: Whose connection it was.
    ///   - tls: What encrypts the connection; nil if nothing does.
    ///   - otherwise: What it comes to if it is neither of HTTP nor of TLS.
    init(_ error: any Error, of peer: Peer, over tls: PeerTLS? = nil, otherwise: PeerError) {
        let now = platform_seconds()
        self =
            switch error {
            case let error as PeerError: error
            case let error as IOError where error.errnoCode == ECONNREFUSED: .refused
            case let error as IOError where [EMFILE, ENFILE].contains(error.errnoCode): .lacking(.descriptors)
            case let error as IOError where [ENOMEM, ENOBUFS].contains(error.errnoCode): .lacking(.memory)
            case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown: otherwise
            case is HTTPParserError: .malformed("it is not HTTP/1.1")
            default:
                TLSFailure(error, presented: tls?.presented, trusting: tls?.anchors(at: now), at: now)
                    .map { .untrusted(Self.reason($0, of: peer)) } ?? otherwise
            }
    }

    /// Why TLS failed and what helps, in words.
    private static func reason(_ failure: TLSFailure, of peer: Peer) -> String {
        switch failure {
        case .otherName: "its certificate is not valid for \(peer.certificateName)"
        case .untrustedCertificate(let objection, let facts): reason(objection, facts)
        case .certificateRequired, .rejectedOurCertificate:
            "it does not accept our certificate: name this server in --tls-allowed-client and let its certificate be valid "
                + "for clients too"
        case .notTLS: "it does not speak TLS on this port; name its TLS port in --peers"
        case .ended:
            "it ended the connection during the TLS handshake; check whether it speaks TLS on this port, and its log"
        case .noSharedVersion, .nothingShared:
            "it shares no version or cipher of TLS with this server; compare the TLS settings of both"
        case .other(let what): "the TLS handshake failed (\(what)); compare the TLS settings of both servers"
        }
    }

    private static func reason(_ objection: CertificateObjection?, _ facts: CertificateFacts?) -> String {
        let issuer = facts.map { "\($0.issuer)" } ?? "somebody"
        return switch objection {
        case .expired: "its certificate has expired"
        case .notYetValid: "its certificate is not valid yet; check the clocks of both machines"
        case .otherUsage: "its certificate is not for servers: its extended key usage has no serverAuth"
        case .unknownAuthority:
            "its certificate is issued by \(issuer), which --tls-peers-ca does not name, nor leads to one"
        case .otherKey: "its certificate is issued by \(issuer), which has another key in --tls-peers-ca"
        case .expiredAuthority: "its certificate is issued by \(issuer), which is not valid now in --tls-peers-ca"
        case .invalidChain:
            "its certificate is issued by \(issuer); it is invalid for another reason; check it with openssl verify"
        case nil: "its certificate is not of an authority in --tls-peers-ca, or not valid now"
        }
    }
}

/// What is known of the encryption of a connection that failed.
struct PeerTLS {
    /// What the peer has presented.
    let presented: NIOSSLCertificate?
    /// How the connection was to be.
    let context: NIOSSLContext

    /// Who was believed; nil for whom the system trusts.
    func anchors(at now: Int64) -> TrustAnchors? {
        guard case .certificates(let certificates) = context.configuration.trustRoots else { return nil }
        return TrustAnchors(certificates, for: .server, at: now)
    }
}

extension Peer {
    /// What its certificate has to name.
    fileprivate var certificateName: String { hostName ?? address.ipAddress ?? description }
}
