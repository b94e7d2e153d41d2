// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics
internal import NIOCore

/// Is told of a listener's exchanges and of its connections.
package typealias ListenerObserver = ExchangeObserver & ConnectionObserver

/// What every connection of a listener on one event loop shares: who answers, who observes, and how much is allowed.
struct Exchanges: Sendable {
    let responder: any Responder
    let observer: any ListenerObserver
    let limits: Limits
    let date: DateField
}

extension Reply {
    /// The answer, as far as it is known.
    var response: Response {
        switch self {
        case .now(let response): response
        case .later: .problem(.serviceUnavailable, detail: "The answer is not known yet.")
        }
    }
}

/// An exchange under way: the answer is being sent.
struct PendingExchange: Sendable {
    let request: Request?
    let response: Response
    let version: Exchange.ProtocolVersion
    let client: String
    private let start: NIODeadline

    init(request: Request?, response: Response, version: Exchange.ProtocolVersion, client: String) {
        self.request = request
        self.response = response
        self.version = version
        self.client = client
        start = .now()
    }

    /// The exchange, now that its answer was sent or could not be.
    func ended(complete: Bool) -> Exchange {
        Exchange(
            request: request,
            response: response,
            version: version,
            client: client,
            isComplete: complete,
            duration: .nanoseconds((NIODeadline.now() - start).nanoseconds)
        )
    }
}
