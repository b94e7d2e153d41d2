// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPProtocol
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Watches a connection's TLS handshake, then decides whether its client may fetch, and makes way.
///
/// A client without a valid certificate, where one is demanded, does not get here: its handshake fails. One with a valid
/// certificate that is not on the list is told so in HTTP, which is more than an alert can say.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let connection: Connection
    private let tls: NIOSSLServerHandler
    private let security: TransportSecurity
    private let reader: HandshakeReader
    private var hasFailed = false

    init(
        _ connection: Connection,
        _ tls: NIOSSLServerHandler,
        _ security: TransportSecurity,
        _ reader: HandshakeReader
    ) {
        (self.connection, self.tls, self.security, self.reader) = (connection, tls, security, reader)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let name):
            connection.tell(.handshakeCompleted)
            if security.credentials.demandsClientCertificate { decide() }
            connection.handshakeEnded(agreedOn: name.flatMap(ApplicationProtocol.init))
            remove([reader, self], from: context)
        case let event as HandshakeReader.NoSharedProtocol:
            connection.tell(.handshakeFailed(.noSharedProtocol), .init(detail: "it offers \(event.offered.text)"))
            // BoringSSL has no part in what is left: the end of a connection in the clear.
            remove([reader, tls, self], from: context)
            connection.handshakeWasRefused()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func remove(_ handlers: [any RemovableChannelHandler], from context: ChannelHandlerContext) {
        for handler in handlers { context.pipeline.syncOperations.removeHandler(handler, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // swift-nio-ssl sends the alert and closes the connection, unless that is what has happened.
        guard !connection.isEnding, !hasFailed else { return }
        hasFailed = true
        let credentials = security.credentials
        let diagnosis = HandshakeDiagnosis(
            .init(
                error: error,
                alert: reader.alert,
                suites: reader.beginning.flatMap { OfferedSuites(hello: Array($0.readableBytesView)) },
                certificate: tls.peerCertificate,
                clients: credentials.clientAnchors,
                key: credentials.certificate.chain?.first.key,
                now: platform_seconds()
            )
        )
        connection.tell(.handshakeFailed(diagnosis.failure), diagnosis.circumstances)
    }

    private func decide() {
        guard let certificate = tls.peerCertificate else {
            deny(.clientNotAllowed, .init(identity: "nobody"), nil)
            return
        }
        let credentials = security.credentials
        let end = Int64(certificate.notValidAfter)
        credentials.declineSessions(afterClientExpiry: end)
        let decision = security.allowedClients.decide(on: certificate, at: credentials.now())
        let identity = decision.identity.isEmpty ? nil : decision.identity
        connection.clientIsAuthenticated(as: identity, until: end)
        switch decision.objection {
        case nil: break
        case .expired(let end):
            let detail = "it expired at \(HTTPDate(seconds: end))"
            deny(.expiredCertificate, .init(identity: identity, detail: detail), decision)
        case .nameless(let subject):
            let detail = "its certificate has no DNS name or SPIFFE ID"
            let known = ConnectionEvent.Circumstances(
                identity: identity,
                subject: subject.map { "\($0)" },
                detail: detail
            )
            deny(.clientNotAllowed, known, decision)
        case .notListed: deny(.clientNotAllowed, .init(identity: identity), decision)
        }
    }

    private func deny(
        _ refusal: ConnectionEvent.Refusal,
        _ circumstances: ConnectionEvent.Circumstances,
        _ decision: AllowedClients.Decision?
    ) {
        connection.tell(.refused(refusal), circumstances)
        connection.responder = ForbiddenResponder(decision: decision)
    }
}
