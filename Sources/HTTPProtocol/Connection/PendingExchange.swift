// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

/// A request that was received, and what is known of its answer.
///
/// It is used on one thread.
package final class PendingExchange {
    /// The part of the request that could be read; nil if none could.
    private let request: RequestExcerpt?
    private let client: String
    /// The version of the protocol.
    let version: Exchange.ProtocolVersion
    /// When the request came.
    let start: ContinuousClock.Instant
    /// The HTTP/2 stream that it is on; 0 on HTTP/1.x.
    let stream: UInt32

    /// An exchange that begins now, with what is kept of its request.
    init(
        request: RequestExcerpt?,
        version: Exchange.ProtocolVersion,
        client: String,
        stream: UInt32 = 0,
        at start: ContinuousClock.Instant
    ) {
        self.request = request
        (self.version, self.client, self.stream, self.start) = (version, client, stream, start)
    }

    /// The answer, once it is known.
    var response: Response?

    /// Whether only the head of the answer is wanted.
    var isHeadOnly: Bool { request?.method == .head }

    /// The content that is sent; none where only the head is wanted.
    var content: Response.Body { isHeadOnly ? .none : response?.body ?? .none }

    /// The life of the module that is sent; nil if the answer is none.
    var life: SealedLife? {
        guard case .blob(let blob, _) = content else { return nil }
        return blob.life
    }

    /// Takes the exchange out, now that its answer was sent or could not be; nil if there was none to send.
    func ended(isComplete: Bool, at now: ContinuousClock.Instant) -> Exchange? {
        guard let response = response.take() else { return nil }
        return Exchange(
            request: request,
            response: response,
            version: version,
            client: client,
            isComplete: isComplete,
            duration: now - start
        )
    }
}
