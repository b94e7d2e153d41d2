// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// HTTP/1.1 with swift-nio's codec, which is not what the server uses.
enum HTTP1Client {
    static func fetch(
        _ request: TestRequest,
        host: String,
        port: Int,
        over wire: WireProtocol
    ) async throws -> TestReply {
        let group = MultiThreadedEventLoopGroup.singleton
        let reply = group.next().makePromise(of: TestReply.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try wire.secure(channel)
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(Handler(reply))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            reply.fail(error)
            throw error
        }
        var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: request.method), uri: request.path)
        head.headers.add(name: "host", value: "\(host):\(port)")
        for (name, value) in request.fields { head.headers.add(name: name, value: value) }
        if let content = request.content { head.headers.add(name: "content-length", value: "\(content.count)") }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let content = request.content {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: content))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        defer { channel.close(promise: nil) }
        return try await reply.futureResult.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart

        private let collector: ReplyCollector

        init(_ promise: EventLoopPromise<TestReply>) {
            collector = ReplyCollector(promise)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                collector.head(status: Int(head.status.code), fields: head.headers.map { ($0.name, $0.value) })
            case .body(let bytes): collector.content(bytes)
            case .end: collector.end()
            }
        }

        func channelInactive(context: ChannelHandlerContext) { collector.fail() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
