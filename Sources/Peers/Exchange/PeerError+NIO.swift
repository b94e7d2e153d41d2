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
                    .map { .untrusted($0, as: peer.certificateName) } ?? otherwise
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
