// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import Tracing

/// A server in a collector's place, which answers each request with bytes of the test's choice.
struct FakeCollector {
    /// A request, as far as tests look at it.
    struct Posted: Sendable {
        let head: HTTPRequestHead
        var content: [UInt8] = []
    }

    /// What is done with a request.
    enum Answer: Sendable {
        /// Sends bytes, and closes the connection.
        case bytes(String)
        /// Sends bytes, and leaves the connection open.
        case unfinished(String)
        /// Sends bytes, and then others again and again for as long as they are taken.
        case endless(String, then: String)
    }

    /// The requests so far.
    let posted: Mailbox<Posted>
    private let channel: any Channel

    /// Takes what is sent while `body` runs; requests are numbered from 0.
    static func with(
        answering answer: @escaping @Sendable (_ number: Int) -> Answer,
        _ body: nonisolated(nonsending) (FakeCollector) async throws -> Void
    ) async throws {
        let posted = Mailbox<Posted>()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(Handler(posted, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(FakeCollector(posted: posted, channel: channel)))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        try result.get()
    }

    /// Where it listens.
    var endpoint: CollectorEndpoint {
        get throws {
            let port = try #require(channel.localAddress?.port)
            return try CollectorEndpoint("http://127.0.0.1:\(port)/base")
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        /// How much is sent at a time of what does not end, in bytes.
        private static let chunkSize = 1 << 15

        private let mailbox: Mailbox<Posted>
        private let answer: @Sendable (Int) -> Answer
        private var posted: Posted?

        init(_ mailbox: Mailbox<Posted>, _ answer: @escaping @Sendable (Int) -> Answer) {
            (self.mailbox, self.answer) = (mailbox, answer)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): posted = Posted(head: head)
            case .body(let bytes): posted?.content += bytes.readableBytesView
            case .end:
                guard let posted else { return }
                let number = mailbox.all.count
                mailbox.put(posted)
                let channel = context.channel
                switch answer(number) {
                case .bytes(let text):
                    channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
                case .unfinished(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
                case .endless(let text, let rest):
                    channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
                    let chunk = String(repeating: rest, count: Self.chunkSize / rest.utf8.count + 1)
                    Self.sendForever(ByteBuffer(string: chunk), on: channel)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        /// Sends the same again and again, but leaves the event loop to others in between.
        private static func sendForever(_ bytes: ByteBuffer, on channel: any Channel) {
            channel.writeAndFlush(bytes).whenSuccess {
                channel.eventLoop.execute { sendForever(bytes, on: channel) }
            }
        }
    }
}
