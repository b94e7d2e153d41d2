// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Answers a request; it cannot fail, because every failure is an answer.
///
/// It is called on an event loop, so it must not wait.
package protocol Responder: AnyObject, Sendable {
    /// The answer to a request, or the promise of one.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - client: The address and port of who asks.
    /// - Returns: The answer, or the promise of it.
    func respond(to request: Request, from client: ClientAddress) -> Reply
}

/// What a responder gives: an answer, or the promise of one.
package enum Reply: Sendable {
    /// The answer.
    case now(Response)
    /// An answer that is still being looked for.
    case later(DeferredResponse)
}
