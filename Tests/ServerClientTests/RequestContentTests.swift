// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import ServerClient
import TestSupport
import Testing

@Suite("A request with content")
struct RequestContentTests {
    /// More than a flow-control window of HTTP/2 (RFC 9113 §6.9.2), and than a socket takes at once.
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }

    @Test("names its length and sends it over HTTP/1.1")
    func http1() async throws {
        let received = Mailbox<[UInt8]>()
        let server = try await Self.serve { try $0.pipeline.syncOperations.addHandler(HTTP1Receiver(received)) }
        defer { server.close(promise: nil) }
        try await Self.post(to: server, over: .http1)
        let bytes = try #require(received.all.first)
        let head = String(decoding: bytes.dropLast(Self.content.count), as: UTF8.self)
        #expect(head.hasPrefix("POST /in HTTP/1.1\r\n"))
        #expect(head.contains("\r\ncontent-length: 300000\r\n") && head.hasSuffix("\r\n\r\n"))
        #expect(!head.contains("transfer-encoding"))
        #expect(Array(bytes.suffix(Self.content.count)) == Self.content)
    }

    @Test("names its length and sends it over HTTP/2, as fast as the server takes it")
    func http2() async throws {
        let received = Mailbox<[UInt8]>()
        let server = try await Self.serve { channel in
            _ =
                try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                    mode: .server,
                    connectionConfiguration: .init(),
                    streamConfiguration: .init()
                ) { stream in
                    stream.eventLoop.makeCompletedFuture {
                        try stream.pipeline.syncOperations.addHandler(HTTP2Receiver(received))
                    }
                } as NIOHTTP2Handler.StreamMultiplexer
        }
        defer { server.close(promise: nil) }
        try await Self.post(to: server, over: .http2)
        #expect(received.all == [Array("POST /in 300000 ".utf8) + Self.content])
    }

    private static func post(to server: any Channel, over version: FetchRequest.Version) async throws {
        let port = try #require(server.localAddress?.port)
        let client = ServerClient(try Origin("http://127.0.0.1:\(port)"), timeout: .seconds(300))
        let request = FetchRequest("/in", method: "POST", content: content, over: version, limit: 10)
        #expect(try await client.fetch(request).status == 200)
    }

    private static func serve(_ prepare: @escaping @Sendable (any Channel) throws -> Void) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel) } }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Answers when all of the content is there that the test sends.
    private final class HTTP1Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let received: Mailbox<[UInt8]>
        private var bytes: [UInt8] = []

        init(_ received: Mailbox<[UInt8]>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            guard bytes.count > content.count, bytes.suffix(content.count).elementsEqual(content) else { return }
            received.put(bytes)
            let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }
    }

    /// Answers when the stream of the request has ended.
    private final class HTTP2Receiver: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload
        typealias OutboundOut = HTTP2Frame.FramePayload

        private let received: Mailbox<[UInt8]>
        private var bytes: [UInt8] = []

        init(_ received: Mailbox<[UInt8]>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let head):
                for name in [":method", ":path", "content-length"] {
                    bytes += Array("\(head.headers.first(name: name) ?? "") ".utf8)
                }
            case .data(let data):
                if case .byteBuffer(let buffer) = data.data { bytes += buffer.readableBytesView }
                guard data.endStream else { return }
                received.put(bytes)
                let head = HTTP2Frame.FramePayload.Headers(headers: [":status": "200"], endStream: true)
                context.writeAndFlush(wrapOutboundOut(.headers(head)), promise: nil)
            default: break
            }
        }
    }
}
