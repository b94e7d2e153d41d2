// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
