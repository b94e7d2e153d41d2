// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why someone else is asked for a digest that is being fetched.
enum Setback: Sendable {
    /// Whoever was asked takes long.
    case slow
    /// A sibling did not give it.
    case failed(Sibling, SiblingError)
}

extension SiblingError {
    /// Whether it says something about the sibling, and not only about this server.
    var castsDoubt: Bool {
        switch self {
        case .unreachable, .timeout, .untrusted, .status, .tooLarge, .malformed, .cut, .unanswered, .otherBytes: true
        case .inadmissible, .noMemory, .cancelled: false
        }
    }
}
