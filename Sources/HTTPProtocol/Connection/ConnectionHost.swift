// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// Whoever has the socket of a connection, as the protocol on it sees them: it asks who the client is, and tells what happens.
package protocol ConnectionHost: AnyObject {
    /// What the connection shares with the others of its listener on this thread.
    var listener: ListenerContext { get }
    /// Gives the answers: the listener's responder, unless this client may not ask.
    var responder: any Responder { get }
    /// The client's address and port.
    var client: ClientAddress { get }
    /// Who the client is by its certificate; nil if it has shown none.
    var clientIdentity: CertifiedIdentity? { get }
    /// Whether an HTTP/2 client may have another answer beside those that are under way.
    func mayAnswer(beside count: Int) -> Bool
    /// Counts answers on HTTP/2 connections that were begun, or, if negative, have ended.
    func answersBegan(_ count: Int)
    /// Tells of an event.
    func tell(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances)
    /// Tells that the connection ends because of what its client did.
    func end(for reason: ConnectionEvent.CloseReason)
    /// Has ``ProtocolConnection/deliver(_:for:_:)`` called with an answer when it comes, on the connection's thread and never before
    /// this returns.
    func await(_ response: DeferredResponse, for ticket: Int)
}

extension ConnectionHost {
    /// Tells of an event of which nothing else is known.
    package func tell(_ event: ConnectionEvent) { tell(event, .init()) }
}
