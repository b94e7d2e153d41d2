// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOHTTP1
import NIOPosix

/// A server of HTTP/1.1 that answers as a test says, whether that is right or not.
struct Stranger {
    /// An answer.
    struct Answer {
        var status = 200
        var fields: [(String, String)] = [("content-type", "application/wasm")]
        var body: [UInt8] = []
        /// What `Content-Length` says; nil for the body's length.
        var length: Int?
    }

    /// Where it listens.
    let address: SocketAddress

    /// Serves while `body` runs.
    static func with<Result>(
        _ answer: @escaping @Sendable (String) -> Answer?,
        _ body: nonisolated(nonsending) (Stranger) async throws -> Result
    ) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            let result = try await body(Stranger(address: address))
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (String) -> Answer?

        init(_ answer: @escaping @Sendable (String) -> Answer?) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let request) = unwrapInboundIn(data), let answer = answer(request.uri) else { return }
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
            for (name, value) in answer.fields { head.headers.add(name: name, value: value) }
            head.headers.add(name: "content-length", value: "\(answer.length ?? answer.body.count)")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if request.method != .HEAD {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            }
            // It ends in either case; whether that is the end of the content is said by its length.
            context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
