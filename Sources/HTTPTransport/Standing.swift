// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a connection is waiting for, as its protocol handler tells it.
struct Standing: Equatable {
    /// What a client owes.
    enum Debt: Equatable {
        /// The rest of the TLS handshake.
        case handshake
        /// The rest of a request's head, be it the first one or one that has begun.
        case head
        /// Another request.
        case request
    }

    /// What the client owes; nil while the server has work to do or the connection is ending.
    var debt: Debt?
    /// Tells one debt from the next of the same kind: it changes whenever the client has paid one.
    var occasion = 0
    /// Whether an answer is on its way, and the client has to take it.
    var isSending = false
}

/// A protocol handler, as the watch of its connection sees it.
protocol Speaker: AnyObject {
    /// What the connection is waiting for.
    var standing: Standing { get }
    /// Whether its client has ever asked for anything.
    var hasAsked: Bool { get }
}

/// A user inbound event: the client has taken too long for a request's head, and the connection must end.
struct HeadTimeout: Sendable {}
