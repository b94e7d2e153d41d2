// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// A protocol handler, as the registry of its connection sees it.
protocol ProtocolHandler: AnyObject {
    /// What the connection is waiting for.
    var waitState: WaitState { get }
    /// Whether its client has ever asked for anything.
    var hasAsked: Bool { get }
    /// Ends what its client has kept waiting for too long, if the connection can do without that.
    func checkDeadlines(at now: NIODeadline)
}

extension ProtocolHandler {
    func checkDeadlines(at now: NIODeadline) {}
}

/// What a connection is waiting for, as its protocol handler tells it.
///
/// Each has a number, which changes when what was waited for has come and the next of its kind is waited for.
struct WaitState: Equatable {
    /// The rest of the TLS handshake.
    var handshake: Int?
    /// The rest of a request's head, be it the first one or one that has begun.
    var head: Int?
    /// Another request.
    var request: Int?
    /// How many answers are on their way, which the client has to take.
    var answers = 0
    /// That it takes the rest of the one that is on its way; nil on HTTP/2.
    var answer: Int?

    /// Whether it waits for the client; if not, the server has work to do, or the connection is ending.
    var isWaitingForClient: Bool { handshake != nil || head != nil || request != nil }
}

/// A user inbound event: why a connection is to end, if not because of a shutdown.
enum ConnectionTimeout: Sendable {
    /// The client has taken too long for a request's head.
    case lateHead
    /// It has asked for nothing for too long.
    case idle
    /// The connection is old: it ends as in a shutdown.
    case old
}
