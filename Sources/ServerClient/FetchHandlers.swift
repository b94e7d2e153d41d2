// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP1
internal import NIOHTTP2

/// The state of an answer that comes in, and the promise that it ends.
///
/// It lives on one event loop.
final class FetchAnswer {
    private let limit: Int
    private let version: FetchRequest.Version
    private let promise: EventLoopPromise<FetchedResponse>
    private var status = 0
    private var fields: [(name: String, value: String)] = []
    private var body: [UInt8] = []

    init(to request: FetchRequest, _ promise: EventLoopPromise<FetchedResponse>) {
        (limit, version, self.promise) = (request.limit, request.version, promise)
    }

    func head(status: Int, fields: [(name: String, value: String)]) {
        // Interim answers are followed by the final one (RFC 9110 §15.2), but 101: what follows it is not HTTP.
        guard status >= 200 || status == 101 else { return }
        (self.status, self.fields) = (status, fields)
    }

    func content(_ bytes: ByteBuffer) {
        body += bytes.readableBytesView
        if body.count > limit { promise.fail(FetchError.tooLong(limit: limit)) }
    }

    func end() {
        guard status != 0 else { return promise.fail(FetchError.malformed) }
        promise.succeed(FetchedResponse(status: status, fields: fields, body: body))
    }

    /// Fails, if the answer is not complete; a promise is kept only once.
    func fail(_ error: any Error) {
        let otherwise: FetchError =
            switch error {
            case HTTPParserError.invalidEOFState: .cut
            case is HTTPParserError, is any NIOHTTP2Error:
                version == .http2 ? .otherProtocol("HTTP/2") : .malformed
            default: .cut
            }
        let failure = (error as? FetchError) ?? TLSFailure(error, at: platform_seconds()).map { .tls($0) } ?? otherwise
        // Who hangs up on a preface that is not understood says no more than that.
        let isMute = version == .http2 && status == 0 && failure == .cut
        promise.fail(isMute ? FetchError.otherProtocol("HTTP/2") : failure)
    }
}

/// Sends a request over HTTP/1.1 and collects its answer.
final class HTTP1FetchHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: FetchRequest
    private let authority: String
    private let answer: FetchAnswer

    init(_ request: FetchRequest, authority: String, _ answer: FetchAnswer) {
        (self.request, self.authority, self.answer) = (request, authority, answer)
    }

    /// Sends the request.
    func send(_ context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: request.method), uri: request.path)
        head.headers.add(name: "host", value: authority)
        for (name, value) in request.fields { head.headers.add(name: name, value: value) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { send(context) }
    }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.head(
                status: Int(head.status.code),
                fields: head.headers.map { ($0.name.lowercased(), $0.value) }
            )
        case .body(let bytes): answer.content(bytes)
        case .end: answer.end()
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(FetchError.cut) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}

/// Sends a request on a stream of HTTP/2 and collects its answer.
final class HTTP2FetchHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let fields: HPACKHeaders
    private let answer: FetchAnswer

    init(_ request: FetchRequest, scheme: String, authority: String, _ answer: FetchAnswer) {
        var fields = HPACKHeaders([
            (":method", request.method), (":scheme", scheme), (":path", request.path), (":authority", authority),
        ])
        for (name, value) in request.fields { fields.add(name: name, value: value) }
        self.fields = fields
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: fields, endStream: true))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let content):
            answer.head(
                status: content.headers.first(name: ":status").flatMap(Int.init) ?? 0,
                fields: content.headers.filter { !$0.name.hasPrefix(":") }.map { ($0.name, $0.value) }
            )
            if content.endStream { answer.end() }
        case .data(let content):
            if case .byteBuffer(let bytes) = content.data { answer.content(bytes) }
            if content.endStream { answer.end() }
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(FetchError.cut) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
