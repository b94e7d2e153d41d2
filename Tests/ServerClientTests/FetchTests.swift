// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
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

    private static func fields(_ count: Int) -> String { (1...count).map { "a\($0): b\r\n" }.joined() }

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
        Case("many fields", "HTTP/1.1 204 No Content\r\n\(fields(100))\r\n", .success("")),
        Case("too many fields", "HTTP/1.1 204 No Content\r\n\(fields(300))\r\n", .failure(.malformed)),
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
        let server = try await Self.serve(example.answer)
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

    @Test("names its product in front of whom it imitates, and changes nothing else of its request")
    func product() {
        let silent = FetchRequest("/a", fields: [("x-envoy-internal", "true")], limit: 5).naming("probe/1")
        #expect(silent.fields.map { "\($0.name): \($0.value)" } == ["x-envoy-internal: true", "user-agent: probe/1"])
        let fields = [(name: "user-agent", value: "Go-http-client/1.1"), (name: "accept-encoding", value: "gzip")]
        let other = FetchRequest("/a", fields: fields, limit: 5).naming("probe/1")
        #expect(
            other.fields.map { "\($0.name): \($0.value)" } == [
                "user-agent: probe/1 Go-http-client/1.1", "accept-encoding: gzip",
            ]
        )
    }

    @Test("comes to content that ends with its connection over TLS, too, if the server says goodbye")
    func goodbye() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authority = try await make.authority("authority")
            let pair = try await make.issue("server", by: authority, names: ["IP:127.0.0.1"])
            let chain = try NIOSSLCertificate.fromPEMFile(pair.certificate)
            let configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem))
            )
            let context = try NIOSSLContext(configuration: configuration)
            let server = try await Self.serve(Array("HTTP/1.1 200 OK\r\n\r\nbytes".utf8), over: context)
            defer { server.close(promise: nil) }
            let port = try #require(server.localAddress?.port)
            let client = ServerClient(
                try Origin("https://127.0.0.1:\(port)"),
                trusting: try ClientTLS(authorities: authority.certificate),
                timeout: .seconds(300)
            )
            let answer = try await client.fetch(FetchRequest("/a", limit: 5))
            #expect(answer.body == Array("bytes".utf8))
        }
    }

    /// Begins to answer every connection's first bytes.
    private static func serve(
        _ answer: [UInt8],
        over context: NIOSSLContext? = nil
    ) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer, isSecure: context != nil))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// Answers whatever comes first with some bytes, and hangs up.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: [UInt8]
    private let isSecure: Bool
    private var isAnswered = false

    init(_ answer: [UInt8], isSecure: Bool) {
        (self.answer, self.isSecure) = (answer, isSecure)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        isAnswered = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        // TLS has no half that could be closed alone.
        context.close(mode: isSecure ? .all : .output, promise: nil)
    }
}
