// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
package import ServerClient

/// Why a peer did not give what it was asked for.
package enum PeerError: Error, Hashable, Sendable {
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
    case lacking(FetchError.Resource)
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
    /// What it says about a peer that it gave no answer.
    init(_ error: FetchError, of peer: Peer) {
        self =
            switch error {
            case .refused: .refused
            case .unresolved, .unreachable, .timedOut(afterConnecting: false): .unreachable
            case .lacking(let resource): .lacking(resource)
            case .timedOut(afterConnecting: true): .timeout
            case .tls(let failure): .untrusted(failure, as: peer.certificateName)
            case .otherProtocol, .malformed: .malformed("it is not HTTP/1.1")
            case .cut: .cut
            case .unanswered: .unanswered
            case .tooLong: .tooLarge
            case .cancelled: .cancelled
            }
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
