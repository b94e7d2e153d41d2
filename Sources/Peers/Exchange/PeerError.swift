// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a peer did not give what it was asked for.
package enum PeerError: Error, Hashable, Sendable, CustomStringConvertible {
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
    /// The TLS handshake failed; the reason, and what helps.
    case untrusted(String)
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
        case .untrusted: "untrusted"
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

    /// What went wrong, and what can be done about it where that is known, in words.
    package var description: String {
        switch self {
        case .unreachable: "cannot be reached; check whether it listens on this port, and at network policies"
        case .refused: "cannot be reached: nobody listens on this port, or not yet"
        case .timeout: "stalled, or took too long; check its load, and the network in between"
        case .untrusted(let reason): "is not trusted: \(reason)"
        case .status(403): "answered with status 403; name this server in its --tls-allowed-client"
        case .status(400): "answered with status 400; does it speak TLS? Then give this server TLS too"
        case .status(let code): "answered with status \(code)"
        case .tooLarge: "offers more bytes than are taken"
        case .malformed(let what): "gave an answer that cannot be used: \(what)"
        case .cut: "ended the connection early"
        case .unanswered: "ended the connection early; does it speak TLS? Then give this server TLS too"
        case .otherBytes: "gave other bytes than were asked for"
        case .inadmissible(let reason): "gave a module that may not be served: \(reason)"
        case .noMemory: "has bytes that there is no memory for at the moment"
        case .lacking(.memory):
            "was not heard: there is no memory left here; raise the memory limit (the container's, or ulimit -v)"
        case .lacking(.descriptors):
            "was not heard: this process has too many open files; raise the limit of open files (ulimit -n)"
        case .cancelled: "was not needed any more"
        }
    }
}
