// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
package import ServerClient

/// Why a peer did not give what it was asked for.
package enum PeerError: Error, Hashable, Sendable {
    /// What the system gives, and may not give more of.
    package enum Resource: Hashable, Sendable {
        case memory
        case descriptors
    }

    /// No connection came about.
    case unreachable
    /// Nobody listens there.
    case refused
    /// It stalled, or took too long.
    case timeout
    /// The TLS handshake failed; why, and what its certificate had to name.
    case untrusted(TLSFailure, as: String)
    /// This server has no certificate that it could show.
    case withoutCertificate
    /// It answered with another status than 200.
    case status(Int)
    /// It offers more bytes than are taken.
    case tooLarge
    /// The answer is not what it should be; in what way.
    case malformed(String)
    /// The connection ended before the answer did.
    case cut
    /// The connection, without TLS, ended before anything came, or was answered by TLS.
    case unanswered
    /// The bytes have another digest.
    case otherBytes
    /// The bytes are not a module that may be served; why.
    case inadmissible(String)
    /// There is no memory for the bytes.
    case noMemory
    /// This server itself has too little of something, which says nothing about the peer.
    case lacking(Resource)
    /// Nobody waits for it any more.
    case cancelled

    /// Whether it is this server that lacks something.
    package var isLack: Bool {
        if case .lacking = self { true } else { false }
    }

    /// A short name of the kind, for a label.
    package var label: String {
        switch self {
        case .unreachable, .refused: "unreachable"
        case .timeout: "timeout"
        case .untrusted, .withoutCertificate: "untrusted"
        case .status: "status"
        case .tooLarge: "too_large"
        case .malformed: "malformed"
        case .cut, .unanswered: "cut"
        case .otherBytes: "other_bytes"
        case .inadmissible: "inadmissible"
        case .noMemory, .lacking(.memory): "no_memory"
        case .lacking(.descriptors): "no_descriptor"
        case .cancelled: "cancelled"
        }
    }
}

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

/// Why someone else is asked for a digest that is being fetched.
enum Setback: Sendable {
    /// Whoever was asked takes long.
    case slow
    /// A peer did not give it.
    case failed(Peer, PeerError)
}

extension PeerError {
    /// Whether it says something about the peer, and not only about this server.
    var castsDoubt: Bool {
        switch self {
        case .unreachable, .refused, .timeout, .untrusted, .withoutCertificate, .status, .tooLarge: true
        case .malformed, .cut, .unanswered, .otherBytes: true
        case .inadmissible, .noMemory, .lacking, .cancelled: false
        }
    }
}
