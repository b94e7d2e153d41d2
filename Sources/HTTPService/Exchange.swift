// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A request and what became of its answer, told when the last byte was handed to the system or could not be.
package struct Exchange: Sendable {
    /// The protocol versions that are spoken here.
    package enum ProtocolVersion: String, Sendable {
        case http10 = "HTTP/1.0"
        case http11 = "HTTP/1.1"
        case http2 = "HTTP/2"
    }

    /// What is kept of the request, as far as it could be read; nil if nothing of it could.
    package let request: RequestExcerpt?
    /// The answer.
    package let response: Response
    /// The version of the protocol.
    package let version: ProtocolVersion
    /// The address and port of the client.
    package let client: ClientAddress
    /// Who the client is by its certificate; nil if it has shown none.
    package let identity: CertifiedIdentity?
    /// Whether the whole answer was handed to the system; otherwise the connection or the stream ended before.
    package let isComplete: Bool
    /// From the end of the request's head to the last byte of the answer.
    package let duration: Duration

    /// An exchange from its parts.
    package init(
        request: RequestExcerpt?,
        response: Response,
        version: ProtocolVersion,
        client: ClientAddress,
        identity: CertifiedIdentity? = nil,
        isComplete: Bool,
        duration: Duration
    ) {
        self.request = request
        self.response = response
        self.version = version
        self.client = client
        self.identity = identity
        self.isComplete = isComplete
        self.duration = duration
    }
}

/// Who a client is by its certificate; all exchanges of a connection share it.
package final class CertifiedIdentity: Sendable {
    /// The names of the certificate.
    package let names: String

    /// The owner of a certificate with these names.
    package init(_ names: String) { self.names = names }
}

/// Is told of every exchange, on the event loop where it happened; it must not wait.
package protocol ExchangeObserver: AnyObject, Sendable {
    /// An exchange has ended.
    func exchangeEnded(_ exchange: Exchange)
}
