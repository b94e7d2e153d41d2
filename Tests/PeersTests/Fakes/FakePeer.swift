// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServerClient
import Synchronization
import TestSupport

@testable import Peers

/// A server in a peer's place, which answers each path with bytes of the test's choice.
final class FakePeer: Sendable {
    /// What is done with a request.
    enum Answer: Sendable {
        /// Sends bytes, and closes the connection.
        case bytes([UInt8])
        /// Sends bytes, and leaves the connection open.
        case unfinished([UInt8])
        /// Sends bytes, and then the same chunk for as long as they are taken.
        case endless([UInt8], chunk: [UInt8])
        /// Sends nothing.
        case silence
        /// Sends bytes, and closes the connection after something has happened.
        case unfinishedUntil([UInt8], Gate)
        /// Sends bytes after something has happened.
        case later([UInt8], Gate)
    }

    /// Opens once.
    final class Gate: Sendable {
        private let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)

        /// Lets everything through.
        func open() { promise.succeed() }

        /// Does something when it is open.
        func whenOpen(_ then: @escaping @Sendable () -> Void) { promise.futureResult.whenSuccess(then) }
    }

    private struct Record {
        var requests: [HTTPRequestHead] = []
        var opened = 0
        var closed = 0
        var waiting: [(isSo: @Sendable (Record) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let record = Mutex(Record())
    private let answer: @Sendable (String) -> Answer
    private let host: String
    private let channel = Mutex<(any Channel)?>(nil)

    private init(host: String, _ answer: @escaping @Sendable (String) -> Answer) {
        self.host = host
        self.answer = answer
    }

    /// Serves while `body` runs.
    static func with<Result>(
        host: String = "127.0.0.1",
        port: Int = 0,
        tls: NIOSSLContext? = nil,
        answering answer: @escaping @Sendable (String) -> Answer,
        _ body: nonisolated(nonsending) (FakePeer) async throws -> Result
    ) async throws -> Result {
        let fakePeer = FakePeer(host: host, answer)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(Handler(fakePeer))
                }
            }
            .bind(host: host, port: port).get()
        fakePeer.channel.withLock { $0 = channel }
        do {
            let result = try await body(fakePeer)
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    /// Where it listens.
    var peer: Peer {
        get throws { Peer(address: try SocketAddress(ipAddress: host, port: try port), hostName: nil) }
    }

    /// Its name for `--peers`.
    var serverName: ServerName {
        get throws { try ServerName("\(host):\(try port)") }
    }

    var port: Int {
        get throws {
            guard let port = channel.withLock({ $0?.localAddress?.port }) else {
                throw ChannelError.unknownLocalAddress
            }
            return port
        }
    }

    /// The requests so far for a path.
    func requests(for path: String) -> [HTTPRequestHead] {
        record.withLock { $0.requests.filter { $0.uri == path } }
    }

    /// Waits for a request.
    func awaitRequest(for path: String, count: Int = 1) async {
        await awaitThat { $0.requests.count { $0.uri == path } >= count }
    }

    /// Waits until every connection that there was has ended.
    func awaitAllClosed() async {
        await awaitThat { $0.closed == $0.opened }
    }

    private func awaitThat(_ isSo: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isAlready = record.withLock { record in
                let isAlready = isSo(record)
                if !isAlready { record.waiting.append((isSo, continuation)) }
                return isAlready
            }
            if isAlready { continuation.resume() }
        }
    }

    private func note(_ change: (inout Record) -> Void) {
        let satisfied = record.withLock { record in
            change(&record)
            let satisfied = record.waiting.filter { $0.isSo(record) }
            record.waiting = record.waiting.filter { !$0.isSo(record) }
            return satisfied
        }
        for waiter in satisfied { waiter.continuation.resume() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        /// How much is sent at a time of what does not end, in bytes.
        private static let chunkSize = 1 << 15

        private let fakePeer: FakePeer

        init(_ fakePeer: FakePeer) {
            self.fakePeer = fakePeer
        }

        func channelActive(context: ChannelHandlerContext) { fakePeer.note { $0.opened += 1 } }

        func channelInactive(context: ChannelHandlerContext) { fakePeer.note { $0.closed += 1 } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            // The answer comes before it is known that there was a request: a test must not end between the two.
            let answer = fakePeer.answer(head.uri)
            fakePeer.note { $0.requests.append(head) }
            switch answer {
            case .bytes(let bytes): sendAll(bytes, context)
            case .unfinished(let bytes): send(bytes, context)
            case .unfinishedUntil(let bytes, let gate):
                send(bytes, context)
                let channel = context.channel
                gate.whenOpen { channel.close(promise: nil) }
            case .endless(let bytes, let chunk):
                send(bytes, context)
                let count = Self.chunkSize / chunk.count + 1
                Self.repeatForever(
                    ByteBuffer(bytes: repeatElement(chunk, count: count).joined()),
                    on: context.channel
                )
            case .silence: break
            case .later(let bytes, let gate):
                let channel = context.channel
                gate.whenOpen {
                    channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in channel.close(promise: nil) }
                }
            }
        }

        /// Sends the same again and again, but leaves the event loop to others in between.
        private static func repeatForever(_ chunk: ByteBuffer, on channel: any Channel) {
            channel.writeAndFlush(chunk).whenSuccess {
                channel.eventLoop.execute { repeatForever(chunk, on: channel) }
            }
        }

        private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }

        private func sendAll(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)))
                .whenComplete { _ in channel.close(promise: nil) }
        }
    }
}

extension FakePeer.Answer {
    /// An answer as it should be.
    static func content(_ bytes: [UInt8]) -> Self {
        .bytes(.answer("200 OK", ["content-length: \(bytes.count)"], bytes))
    }

    /// A list of modules, as `/modules` has it.
    static func list(_ modules: [[UInt8]], instance: String = "another") -> Self { .content(.list(modules, instance)) }

    /// Nothing but a status.
    static func status(_ status: String, _ fields: [String] = []) -> Self {
        .bytes(.answer(status, ["content-length: 0"] + fields))
    }
}

extension [UInt8] {
    /// An answer of HTTP/1.1.
    static func answer(_ status: String, _ fields: [String], _ content: [UInt8] = []) -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\n\(fields.map { "\($0)\r\n" }.joined())\r\n".utf8) + content
    }

    /// The document at `/modules`.
    static func list(_ modules: [[UInt8]], _ instance: String = "another") -> [UInt8] {
        let entries = modules.map { module in
            #"{"verdict":"admitted","state":"current","sha256":"\#(Digest(of: module))","size":\#(module.count)}"#
        }
        return Array(#"{"instance":"\#(instance)","modules":[\#(entries.joined(separator: ","))]}"#.utf8)
    }
}
