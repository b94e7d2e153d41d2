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
    /// Whether only the head of the answer is wanted.
    let isHeadOnly: Bool
    private let client: ClientAddress
    private let identity: CertifiedIdentity?
    /// The version of the protocol.
    let version: Exchange.ProtocolVersion
    /// When the request came.
    let start: Moment
    /// The HTTP/2 stream that it is on; 0 on HTTP/1.x.
    let stream: UInt32

    /// An exchange that begins now; of the request it keeps what observers need.
    init(
        request: Request?,
        version: Exchange.ProtocolVersion,
        client: ClientAddress,
        identity: CertifiedIdentity?,
        stream: UInt32 = 0,
        at start: Moment
    ) {
        self.request = request.map(RequestExcerpt.init)
        isHeadOnly = if case .head? = request?.method { true } else { false }
        (self.version, self.client, self.identity) = (version, client, identity)
        (self.stream, self.start) = (stream, start)
    }

    /// The answer, once it is known.
    private(set) var response: Response?

    /// Notes the answer.
    func answer(with response: Response) {
        var response: Response? = response
        swap(&response, &self.response)
    }

    /// The content that is sent; none where only the head is wanted.
    var content: Response.Body { isHeadOnly ? .none : response?.body ?? .none }

    /// How much of it there is, in bytes.
    var contentLength: Int { isHeadOnly ? 0 : response?.contentLength ?? 0 }

    /// The life of the module that is sent; nil if the answer is none.
    var life: SealedLife? {
        guard case .blob(let blob, _) = content else { return nil }
        return blob.life
    }

    /// Takes the exchange out, now that its answer was sent or could not be; nil if there was none to send.
    func ended(isComplete: Bool, at now: Moment) -> Exchange? {
        guard let response = response.take() else { return nil }
        return Exchange(
            request: request,
            response: response,
            version: version,
            client: client,
            identity: identity,
            isComplete: isComplete,
            duration: now - start
        )
    }
}
