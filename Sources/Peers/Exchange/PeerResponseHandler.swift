// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1

/// Sends a request and hands the content of the answer on, reading no further than it is taken.
final class PeerResponseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// How long a peer's head may be; ours are a tenth of it.
    static var headLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 32 << 10
        limits.maxHeaderFieldCount = 64
        return limits
    }

    private let request: PeerRequest
    private let exchange: PeerExchange
    private let tls: () -> PeerTLS?
    /// How many bytes are still to come; nil before the head has.
    private var remaining: Int?
    /// What came since the last look at the socket.
    private var pending = ByteBuffer()

    /// A handler; `tls` tells what encrypts the connection.
    init(_ request: PeerRequest, of exchange: PeerExchange, over tls: @escaping () -> PeerTLS?) {
        self.request = request
        self.exchange = exchange
        self.tls = tls
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            do throws(PeerError) {
                remaining = try request.length(of: head)
            } catch {
                exchange.end(error)
            }
        case .body(var bytes):
            pending.writeBuffer(&bytes)
        case .end:
            handOn()
            if remaining == 0 { exchange.complete() } else { exchange.end(.cut) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What was handed on is followed by a read when it has been taken.
        if !handOn() { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        handOn()
        exchange.lose()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        exchange.lose(to: error, over: tls())
    }

    /// Hands on what has come, if anything has.
    @discardableResult
    private func handOn() -> Bool {
        guard pending.readableBytes > 0 else { return false }
        remaining = remaining.map { $0 - pending.readableBytes }
        exchange.take(pending)
        pending = ByteBuffer()
        return true
    }
}
