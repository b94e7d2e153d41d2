// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// One connection, as a machine without I/O: bytes, time and answers go in; what is to be sent, and how it ends, comes out.
///
/// Whoever has the socket (the driver) keeps to this order:
///
/// 1. What was read goes to ``receive(_:_:)``, as long as ``wantsInput``; the end of it to ``inputEnded(_:)``.
/// 2. Behind each call, what ``Turn/output`` has is sent. Whenever some of it was, ``outputAdvanced(_:)`` is called, which may add
///    more; this goes on until the socket takes no more, or there is nothing left.
/// 3. When nothing is left and there is an ``ending``, the connection is closed in that way. Input is no longer given to it.
/// 4. A few times a second comes ``check(_:)``.
/// 5. When the socket is closed, or fails, ``connectionEnded(_:)`` comes, and after it nothing but answers that are still awaited.
package protocol ProtocolConnection: AnyObject {
    /// Whether more input can be used now.
    var wantsInput: Bool { get }
    /// How the connection ends once everything is sent; nil as long as it does not.
    var ending: ConnectionEnding? { get }
    /// Whether its client has ever asked for anything.
    var hasAsked: Bool { get }
    /// What it waits for.
    var waitState: WaitState { get }

    /// Takes what was received.
    func receive(_ bytes: Span<UInt8>, _ turn: Turn)
    /// Records that the client will send nothing more.
    func inputEnded(_ turn: Turn)
    /// Goes on, now that some of the output, or all of it, was handed to the system.
    func outputAdvanced(_ turn: Turn)
    /// Takes an answer that was awaited.
    func deliver(_ response: Response, for ticket: Int, _ turn: Turn)
    /// Ends the connection as soon as that loses nothing.
    func end(_ reason: EndReason, _ turn: Turn)
    /// Ends what its client has kept waiting for too long, if the connection can do without that, and what waits for time to pass.
    func check(_ turn: Turn)
    /// Records that nothing can be sent any more: the answers that were not sent whole are cut.
    func connectionEnded(_ turn: Turn)
}

/// One turn of a thread's loop in which something happens on a connection.
package struct Turn {
    /// When it is.
    package let now: Moment
    /// What the connection has to send; it may hold what was added in earlier turns.
    package let output: OutputQueue

    /// A turn at a time, with the connection's output.
    @inlinable package init(now: Moment, output: OutputQueue) {
        (self.now, self.output) = (now, output)
    }
}

/// Why a connection is to end gracefully.
package enum EndReason: Sendable {
    /// The server shuts down.
    case shutdown
    /// The connection is old.
    case age
    /// The client has taken too long for a request's head.
    case lateHead
    /// It has asked for nothing for too long.
    case idle
}

/// How a connection ends once everything is sent, so that its client can read it (RFC 9112 §9.6).
package enum ConnectionEnding: Sendable {
    /// Behind an answer.
    case answered
    /// Behind an answer behind which the client has said that it sends nothing.
    case lastAnswered
    /// Nothing was asked for.
    case idle
    /// The client broke the protocol.
    case failed
    /// The client has closed its side.
    case clientIsDone
}

/// What a connection is waiting for, as its protocol tells it.
///
/// Each has a number, which changes when what was waited for has come and the next of its kind is waited for.
package struct WaitState: Equatable {
    /// The rest of the TLS handshake.
    package var handshake: Int?
    /// The rest of a request's head, be it the first one or one that has begun.
    package var head: Int?
    /// Another request.
    package var request: Int?
    /// How many answers are on their way, which the client has to take.
    package var answers = 0
    /// That it takes the rest of the one that is on its way; nil on HTTP/2.
    package var answer: Int?

    /// What a connection is waiting for; nothing of what is not given.
    package init(handshake: Int? = nil, head: Int? = nil, request: Int? = nil, answers: Int = 0, answer: Int? = nil) {
        (self.handshake, self.head, self.request) = (handshake, head, request)
        (self.answers, self.answer) = (answers, answer)
    }

    /// Whether it waits for the client; if not, the server has work to do, or the connection is ending.
    package var isWaitingForClient: Bool { handshake != nil || head != nil || request != nil }
}
