// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP1
internal import NIOHTTP2

extension ChannelPipeline.SynchronousOperations {
    /// Sends a request on a connection, and has its answer received.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - destination: Who is asked.
    ///   - exchange: What receives the answer.
    /// - Throws: An error of SwiftNIO, if the connection has ended.
    func send(_ request: FetchRequest, to destination: FetchDestination, of exchange: FetchExchange) throws {
        let authority = request.authority ?? destination.authority
        switch request.version {
        case .http1:
            try addHTTPClientHandlers(decoderLimitConfiguration: request.headLimits.decoderLimits)
            try addHandler(HTTP1FetchHandler(request, authority, of: exchange))
        case .http2:
            let scheme = destination.security == nil ? "http" : "https"
            let handler = NIOLoopBound(
                HTTP2FetchHandler(request, authority, scheme: scheme, of: exchange),
                eventLoop: eventLoop
            )
            let multiplexer: NIOHTTP2Handler.StreamMultiplexer = try configureHTTP2Pipeline(
                mode: .client,
                connectionConfiguration: .init(),
                streamConfiguration: .init()
            ) { $0.close() }
            try addHandler(ConnectionEndHandler(of: exchange))
            multiplexer.createStreamChannel(promise: nil) { stream in
                stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(handler.value) }
            }
        }
    }
}

/// Sends a request over HTTP/1.1 and hands its answer on.
private final class HTTP1FetchHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: FetchRequest
    private let authority: String
    private let exchange: FetchExchange
    /// What came since the last look at the socket.
    private var pending: ByteBuffer?
    /// Whether anything was handed on since the last look at the socket.
    private var hasHandedOn = false

    init(_ request: FetchRequest, _ authority: String, of exchange: FetchExchange) {
        (self.request, self.authority, self.exchange) = (request, authority, exchange)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { send(context) }
    }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    private func send(_ context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: request.method), uri: request.path)
        head.headers.add(name: "host", value: authority)
        for (name, value) in request.allFields { head.headers.add(name: name, value: value) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let content = request.content {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: content)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            hasHandedOn = true
            let fields = head.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            exchange.receive(FetchedHead(status: Int(head.status.code), fields: fields))
        case .body(var bytes): pending.setOrWriteBuffer(&bytes)
        case .end:
            handOn()
            exchange.complete()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        handOn()
        // What was handed on is followed by a read when it has been taken.
        if !hasHandedOn { context.read() }
        hasHandedOn = false
    }

    func channelInactive(context: ChannelHandlerContext) {
        handOn()
        exchange.lose()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { exchange.lose(to: error) }

    private func handOn() {
        guard let chunk = pending.take() else { return }
        hasHandedOn = true
        exchange.receive(chunk)
    }
}

/// Sends a request on a stream of HTTP/2 and hands its answer on.
private final class HTTP2FetchHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let fields: HPACKHeaders
    private let content: [UInt8]?
    private let exchange: FetchExchange

    init(_ request: FetchRequest, _ authority: String, scheme: String, of exchange: FetchExchange) {
        let target = [
            (":method", request.method), (":scheme", scheme), (":path", request.path), (":authority", authority),
        ]
        fields = HPACKHeaders(target + request.allFields.map { ($0.name, $0.value) })
        (content, self.exchange) = (request.content, exchange)
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTP2Frame.FramePayload.Headers(headers: fields, endStream: content == nil)
        context.write(wrapOutboundOut(.headers(head)), promise: nil)
        if let content {
            let data = IOData.byteBuffer(ByteBuffer(bytes: content))
            context.write(wrapOutboundOut(.data(.init(data: data, endStream: true))), promise: nil)
        }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let content):
            // Trailers have no status (RFC 9113 §8.1).
            if let status = content.headers.first(name: ":status").flatMap(Int.init) {
                let fields = content.headers.filter { !$0.name.hasPrefix(":") }.map { (name: $0.name, value: $0.value) }
                exchange.receive(FetchedHead(status: status, fields: fields))
            }
            if content.endStream { exchange.complete() }
        case .data(let content):
            if case .byteBuffer(let bytes) = content.data { exchange.receive(bytes) }
            if content.endStream { exchange.complete() }
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { exchange.lose() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { exchange.lose(to: error) }
}

/// Tells an exchange that the connection of its stream has ended.
private final class ConnectionEndHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let exchange: FetchExchange

    init(of exchange: FetchExchange) {
        self.exchange = exchange
    }

    func channelInactive(context: ChannelHandlerContext) { exchange.lose() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { exchange.lose(to: error) }
}
