// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOPosix

/// HTTP/2 by prior knowledge, or over TLS.
enum HTTP2Client {
    static func fetch(
        _ request: TestRequest,
        host: String,
        port: Int,
        over wire: WireProtocol
    ) async throws -> TestReply {
        let group = MultiThreadedEventLoopGroup.singleton
        let reply = group.next().makePromise(of: TestReply.self)
        let (channel, multiplexer): (any Channel, NIOHTTP2Handler.StreamMultiplexer)
        do {
            channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try wire.secure(channel) }
                }
                .connect(host: host, port: port).get()
            multiplexer = try await channel.configureHTTP2Pipeline(
                mode: .client,
                connectionConfiguration: .init(),
                streamConfiguration: .init()
            ) { stream in
                stream.close()
            }.get()
        } catch {
            reply.fail(error)
            throw error
        }
        defer { channel.close(promise: nil) }
        let stream = channel.eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: stream) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(Handler(reply))
            }
        }
        let scheme = wire.isEncrypted ? "https" : "http"
        do {
            send(request, scheme: scheme, authority: "\(host):\(port)", on: try await stream.futureResult.get())
        } catch {
            // The connection ended before there was a stream, and with it anyone to keep the promise.
            reply.fail(error)
        }
        return try await reply.futureResult.get()
    }

    private static func send(_ request: TestRequest, scheme: String, authority: String, on stream: any Channel) {
        var headers = HPACKHeaders([
            (":method", request.method), (":scheme", scheme), (":path", request.path), (":authority", authority),
        ])
        for (name, value) in request.fields { headers.add(name: name, value: value) }
        if let content = request.content { headers.add(name: "content-length", value: "\(content.count)") }
        let head = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: request.content == nil))
        stream.writeAndFlush(head, promise: nil)
        if let content = request.content {
            let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(bytes: content)), endStream: true)
            stream.writeAndFlush(HTTP2Frame.FramePayload.data(data), promise: nil)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload

        private let collector: ReplyCollector

        init(_ promise: EventLoopPromise<TestReply>) {
            collector = ReplyCollector(promise)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let content):
                collector.head(
                    status: content.headers.first(name: ":status").flatMap(Int.init) ?? 0,
                    fields: content.headers.map { ($0.name, $0.value) }.filter { !$0.0.hasPrefix(":") }
                )
                if content.endStream { collector.end() }
            case .data(let content):
                if case .byteBuffer(let bytes) = content.data { collector.content(bytes) }
                if content.endStream { collector.end() }
            default: break
            }
        }

        func channelInactive(context: ChannelHandlerContext) { collector.fail() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
