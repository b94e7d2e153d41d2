// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What happens to connections, apart from the exchanges on them.
package enum ConnectionEvent: Hashable, Sendable {
    /// A connection was accepted.
    case opened
    /// A connection has ended, in whatever way.
    case closed
    /// The server ended a connection because of what the client did or did not do.
    case closedByServer(CloseReason)
    /// A connection was not given a chance to ask.
    case refused(Refusal)
    /// No connection is accepted for a while; those that wait are kept by the system.
    case acceptingPaused(Pause)
    /// Connections are accepted again.
    case acceptingResumed
    /// A request on an HTTP/2 stream was refused unread, because too many answers were waiting for their clients.
    case streamRefused
    /// A request on an HTTP/2 stream was malformed, so that there is no answer to it.
    case streamRejected
    /// A TLS handshake has succeeded.
    case handshakeCompleted
    /// A TLS handshake has failed.
    case handshakeFailed(HandshakeFailure)

    /// Why a connection was ended before its client was done.
    package enum CloseReason: String, CaseIterable, Sendable {
        /// The TLS handshake was not complete in time.
        case handshakeTimeout = "handshake_timeout"
        /// A request's head was not complete in time.
        case headTimeout = "head_timeout"
        /// Nothing was asked for a long time.
        case idleTimeout = "idle_timeout"
        /// The client took too little of an answer for too long.
        case stalledReader = "stalled_reader"
        /// More HTTP/2 control frames, resets or errors than any client needs.
        case flood
        /// The client broke the protocol in a way that no answer can be given to.
        case protocolError = "protocol_error"
        /// Room was made for newer connections when there was none left.
        case overload
        /// It went on for too long after its client's certificate had expired, or the clients' authorities or the server's certificate
        /// had changed.
        case outdatedCredentials = "outdated_credentials"
        /// A shutdown could wait no longer.
        case drainTimeout = "drain_timeout"
    }

    /// Why a client was turned away.
    package enum Refusal: String, CaseIterable, Sendable {
        /// Its address has as many connections as one may have.
        case addressLimit = "address_limit"
        /// Its certificate is valid, but names nobody who may fetch.
        case clientNotAllowed = "client_not_allowed"
        /// Its certificate expired while it shook hands with a session that it had.
        case expiredCertificate = "expired_certificate"
    }

    /// Why accepting pauses.
    package enum Pause: String, CaseIterable, Sendable {
        /// There are as many connections as there may be.
        case connectionLimit = "connection_limit"
        /// The system had no descriptor or no memory for another connection.
        case systemLimit = "system_limit"
    }
}

/// Is told what happens to a listener's connections, on the event loop where it happens; it must not wait.
package protocol ConnectionObserver: AnyObject, Sendable {
    /// Something has happened to a connection.
    ///
    /// - Parameters:
    ///   - event: What.
    ///   - circumstances: What is known besides.
    func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances)
}

extension ConnectionEvent {
    /// What is known besides of an event and of the client that it is about; for logs.
    package struct Circumstances: Sendable {
        /// The client's address and port; nil if the event is about none or it is not known.
        package var client: ClientAddress?
        /// Nil for most events, of which there are many.
        private let details: Details?

        /// Circumstances; nothing is known of what is not given.
        package init(
            client: ClientAddress? = nil,
            identity: String? = nil,
            subject: String? = nil,
            issuer: String? = nil,
            detail: String? = nil
        ) {
            self.client = client
            let isMore = identity != nil || subject != nil || issuer != nil || detail != nil
            details = isMore ? Details(identity: identity, subject: subject, issuer: issuer, detail: detail) : nil
        }

        /// Who the client's certificate says that it is, by its alternative names, if that matters to the event.
        package var identity: String? { details?.identity }
        /// Whom the client's certificate is of.
        package var subject: String? { details?.subject }
        /// Who issued the client's certificate.
        package var issuer: String? { details?.issuer }
        /// What the event's name does not tell.
        package var detail: String? { details?.detail }
    }
}

extension ConnectionEvent.Circumstances {
    /// What is known but the client.
    private final class Details: Sendable {
        let identity: String?
        let subject: String?
        let issuer: String?
        let detail: String?

        init(identity: String?, subject: String?, issuer: String?, detail: String?) {
            (self.identity, self.subject, self.issuer, self.detail) = (identity, subject, issuer, detail)
        }
    }
}
