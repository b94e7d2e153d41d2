// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOPosix
import Testing

@testable import ServerClient

@Suite("Fetching a whole answer")
struct FetchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: [UInt8]
        let version: FetchRequest.Version
        let body: Result<String, FetchError>

        init(
            _ description: String,
            _ answer: String,
            over version: FetchRequest.Version = .http1,
            _ body: Result<String, FetchError>
        ) {
            (testDescription, self.answer, self.version, self.body) = (description, Array(answer.utf8), version, body)
        }
    }

    private static let fields = (1...65).map { "a\($0): b\r\n" }.joined()

    static let cases: [Case] = [
        Case("all that is announced", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes", .success("bytes")),
        Case(
            "chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbyt\r\n2\r\nes\r\n0\r\n\r\n",
            .success("bytes")
        ),
        Case("what ends with its connection", "HTTP/1.1 200 OK\r\n\r\nbytes", .success("bytes")),
        Case("nothing", "HTTP/1.1 204 No Content\r\n\r\n", .success("")),
        // RFC 9110 §15.2: an interim answer is followed by the final one.
        Case(
            "an interim answer first",
            "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
            .success("a")
        ),
        Case("more than is taken", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nbytes!", .failure(.tooLong(limit: 5))),
        Case("less than is announced", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", .failure(.cut)),
        Case("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", .failure(.malformed)),
        Case("a head without end", "HTTP/1.1 200 OK\r\n\(fields)\r\n", .failure(.malformed)),
        Case("no answer", "", .failure(.unanswered)),
        // A fatal alert of TLS 1.2, as RFC 5246 §6.2.1 and §7.2 write it: handshake_failure.
        Case("an alert of TLS", "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{28}", .failure(.unanswered)),
        Case(
            "HTTP/1.1 to HTTP/2",
            "HTTP/1.1 400 Bad Request\r\n\r\n",
            over: .http2,
            .failure(.otherProtocol("HTTP/2"))
        ),
        Case("nothing to HTTP/2", "", over: .http2, .failure(.otherProtocol("HTTP/2"))),
    ]

    @Test("comes to what the server sends", arguments: cases)
    func fetch(_ example: Case) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(example.answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        defer { server.close(promise: nil) }
        let port = try #require(server.localAddress?.port)
        let client = ServerClient(try Origin("http://127.0.0.1:\(port)"), timeout: .seconds(300))
        let request = FetchRequest("/a", over: example.version, limit: 5)
        let result: Result<String, FetchError>
        do throws(FetchError) {
            result = .success(String(decoding: try await client.fetch(request).body, as: UTF8.self))
        } catch {
            result = .failure(error)
        }
        #expect(result == example.body)
    }
}

/// Answers whatever comes first with some bytes, and hangs up.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: [UInt8]
    private var isAnswered = false

    init(_ answer: [UInt8]) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        isAnswered = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}
