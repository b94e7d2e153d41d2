// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// An answer.
///
/// The same answer serves `GET` and `HEAD`: to `HEAD` the transport sends the head alone (RFC 9110 §9.3.2).
package struct Response: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        case none
        /// A document, or another small text.
        case bytes(SharedBytes)
        /// Sealed bytes, or a part of them.
        case blob(SealedBlob, Range<Int>)

        /// In bytes.
        package var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .blob(_, let range): range.count
            }
        }
    }

    /// The status and the fields.
    package let head: ResponseHead
    /// The content.
    package let body: Body
    /// What was asked for; nil if the answer is about nothing that is served.
    package let resource: RequestedResource?
    /// Why the answer is an error, for the log; nil if it is none.
    package let reason: String?

    /// An answer from its parts.
    package init(head: ResponseHead, body: Body, resource: RequestedResource? = nil, reason: String? = nil) {
        self.head = head
        self.body = body
        self.resource = resource
        self.reason = reason
    }
}

/// Answers a request; it cannot fail, because every failure is an answer.
///
/// It is called on an event loop, so it must not wait.
package protocol Responder: Sendable {
    /// The answer to a request, or the promise of one.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - client: The address and port of who asks.
    /// - Returns: The answer, or the promise of it.
    func respond(to request: Request, from client: String) -> Reply
}
