// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore

/// A request that was received and is not answered yet.
struct UnansweredExchange: Sendable {
    /// The part of the request that could be read; nil if none could.
    fileprivate let request: RequestExcerpt?
    fileprivate let version: Exchange.ProtocolVersion
    fileprivate let client: String
    fileprivate let start = NIODeadline.now()

    /// An exchange that begins now; of the request it keeps what observers need.
    init(request: Request?, version: Exchange.ProtocolVersion, client: String) {
        self.request = request.map(RequestExcerpt.init)
        self.version = version
        self.client = client
    }

    /// The exchange, now that its answer is known.
    func answered(with response: Response) -> PendingExchange {
        PendingExchange(unanswered: self, response: response)
    }
}

/// An exchange under way: the answer is being sent.
struct PendingExchange: Sendable {
    private let unanswered: UnansweredExchange
    let response: Response

    fileprivate init(unanswered: UnansweredExchange, response: Response) {
        self.unanswered = unanswered
        self.response = response
    }

    var version: Exchange.ProtocolVersion { unanswered.version }

    /// Whether only the head of the answer is wanted.
    var isHeadOnly: Bool { unanswered.request?.method == .head }

    /// When the request came.
    var start: NIODeadline { unanswered.start }

    /// The life of the module that is sent; nil if the answer is none.
    var life: SealedLife? {
        guard !isHeadOnly, case .blob(let blob, _) = response.body else { return nil }
        return blob.life
    }

    /// The exchange, now that its answer was sent or could not be.
    func ended(complete: Bool) -> Exchange {
        Exchange(
            request: unanswered.request,
            response: response,
            version: version,
            client: unanswered.client,
            isComplete: complete,
            duration: .nanoseconds((NIODeadline.now() - unanswered.start).nanoseconds)
        )
    }
}

extension DeferredResponse {
    /// Holds `receiver`, and gives it the answer on the present event loop, never before this returns.
    func whenDelivered(on eventLoop: any EventLoop, _ receiver: @escaping (Response) -> Void) {
        let receiver = NIOLoopBound(receiver, eventLoop: eventLoop)
        whenDelivered { response in
            eventLoop.execute { receiver.value(response) }
        }
    }
}
