// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits for the TLS handshake, looks what was agreed on, and then has the request sent.
final class HandshakeAwaiter: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let tls: NIOSSLClientHandler
    private let request: FetchRequest
    private let destination: FetchDestination
    private let exchange: FetchExchange
    private var isDone = false

    init(
        behind tls: NIOSSLClientHandler,
        _ request: FetchRequest,
        to destination: FetchDestination,
        of exchange: FetchExchange
    ) {
        (self.tls, self.request, self.destination, self.exchange) = (tls, request, destination, exchange)
    }

    func channelActive(context: ChannelHandlerContext) { context.read() }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isDone { context.fireChannelReadComplete() } else { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent else { return }
        isDone = true
        guard request.version == .http1 || agreed == "h2" else { return exchange.end(.otherProtocol("HTTP/2")) }
        do {
            try context.pipeline.syncOperations.send(request, to: destination, of: exchange)
        } catch {
            exchange.lose(to: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Content may end with its connection: then the handlers of HTTP know best.
        if !isDone { exchange.lose(to: FetchError.tls(.ended)) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case NIOSSLError.uncleanShutdown = error { return exchange.lose(to: error) }
        let failure = destination.security?.failure(of: error, presented: tls.peerCertificate)
        exchange.lose(to: failure.map { FetchError.tls($0) } ?? error)
    }
}
