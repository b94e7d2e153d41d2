// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// One request to one address: its connection, what comes of the answer, and how it ended.
///
/// Whoever ends it first says why; from then on the connection is closed, without waiting for the server to agree. An answer is
/// never read beyond the request's limit.
package final class FetchExchange: Sendable {
    /// The handler next to the socket, whose context closes it behind TLS's back.
    private static let socket = "socket"
    /// The type of a TLS record that is an alert (RFC 8446 §5.1).
    private static let tlsAlert: UInt8 = 21

    /// What comes of an answer.
    private enum Part: Sendable {
        case head(FetchedHead)
        case content(ByteBuffer)
    }

    private struct State {
        var channel: (any Channel)?
        /// Whether the server has accepted the connection.
        var isConnected = false
        /// Whether anything has come.
        var isHeard = false
        /// How much content has come, in bytes.
        var received = 0
        /// How it ended: with all of the content, or not; nil while it has not.
        var outcome: Result<Void, FetchError>?
    }

    private let state = Mutex(State())
    private let deadlines: FetchDeadlines
    private let request: FetchRequest
    private let destination: FetchDestination
    /// Whether the answer is read while nobody takes it.
    private let readsAhead: Bool
    private let parts: AsyncStream<Part>
    private let continuation: AsyncStream<Part>.Continuation

    private init(
        _ request: FetchRequest,
        to destination: FetchDestination,
        _ deadlines: FetchDeadlines,
        readingAhead readsAhead: Bool
    ) {
        (self.request, self.destination, self.deadlines) = (request, destination, deadlines)
        // HTTP/2 has connections of several streams, which are read whoever takes what.
        self.readsAhead = readsAhead || request.version == .http2
        (parts, continuation) = AsyncStream.makeStream()
    }

    /// Sends a request on a connection of its own, and has the answer taken as it comes.
    ///
    /// The connection is closed when this returns, however it does.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - destination: Who is asked.
    ///   - timing: How long it may take.
    ///   - readsAhead: Whether the answer is read while nobody takes it, as it always is over HTTP/2.
    ///   - take: Takes the answer.
    /// - Returns: What `take` does.
    /// - Throws: What `take` does.
    @concurrent
    package static func run<Taken: Sendable, Failure: Error>(
        _ request: FetchRequest,
        to destination: FetchDestination,
        within timing: FetchTiming,
        readingAhead readsAhead: Bool,
        _ take: @Sendable (FetchExchange) async throws(Failure) -> Taken
    ) async throws(Failure) -> Taken {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let exchange = FetchExchange(
            request,
            to: destination,
            FetchDeadlines(timing, on: eventLoop),
            readingAhead: readsAhead
        )
        let result: Result<Taken, Failure> = await withTaskCancellationHandler {
            defer { exchange.end(.cancelled) }
            exchange.begin(within: TimeAmount(timing.connecting), on: eventLoop)
            do throws(Failure) {
                return .success(try await take(exchange))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            exchange.end(.cancelled)
        }
        return try result.get()
    }

    private func begin(within connectTimeout: TimeAmount, on eventLoop: any EventLoop) {
        let start = NIODeadline.now()
        deadlines.begin { self.end(.timedOut(afterConnecting: self.state.withLock { $0.isConnected })) }
        ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: readsAhead)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
            .connect(to: destination.address)
            .whenComplete { result in
                switch result {
                case .success:
                    self.state.withLock { $0.isConnected = true }
                    self.deadlines.connected(after: .now() - start)
                case .failure(let error): self.end(FetchError(connecting: error))
                }
            }
    }

    private func prepare(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(SocketHandler(of: self), name: Self.socket)
        if let security = destination.security {
            let tls = try NIOSSLClientHandler(context: security.context, serverHostname: security.serverName)
            try pipeline.addHandlers(tls, HandshakeAwaiter(behind: tls, request, to: destination, of: self))
        } else {
            try pipeline.send(request, to: destination, of: self)
        }
        let outcome = state.withLock { state in
            if state.outcome == nil { state.channel = channel }
            return state.outcome
        }
        try outcome?.get()
    }

    private func settle(_ outcome: Result<Void, FetchError>) {
        let channel = state.withLock { state in
            state.outcome = state.outcome ?? outcome
            return state.channel.take()
        }
        deadlines.end()
        continuation.finish()
        channel?.eventLoop.execute {
            // TLS says goodbye where all is well, but does not wait for an answer.
            if case .success = outcome { channel?.close(promise: nil) }
            _ = try? channel?.pipeline.syncOperations.context(name: Self.socket).close(promise: nil)
        }
    }
}

// What its taker asks.
extension FetchExchange {
    /// The round trip to the server, up to what extends deadlines; zero until there is a connection.
    package var roundTrip: Duration { deadlines.roundTrip }

    /// Waits for the head of the answer: once, before its content.
    ///
    /// - Throws: ``FetchError``, if there is none.
    package func head() async throws(FetchError) -> FetchedHead {
        // The wait goes on: a server that sends a head and nothing else has given nothing.
        guard case .head(let head) = try await next() else { throw .malformed }
        return head
    }

    /// Waits for the next chunk of the content; nil when there was all of it.
    ///
    /// - Throws: ``FetchError``, if there is no more, though there should be.
    package func chunk() async throws(FetchError) -> ByteBuffer? {
        defer { deadlines.endWaiting() }
        guard case .content(let chunk) = try await next() else { return nil }
        return chunk
    }

    private func next() async throws(FetchError) -> Part? {
        let channel = state.withLock { $0.outcome == nil ? $0.channel : nil }
        deadlines.beginWaiting()
        if !readsAhead { channel?.read() }
        var iterator = parts.makeAsyncIterator()
        if let part = await iterator.next() { return part }
        // Without an outcome, the task was cancelled.
        let outcome = state.withLock { $0.outcome }
        try (outcome ?? .failure(.cancelled)).get()
        return nil
    }
}

// What its connection tells.
extension FetchExchange {
    /// Takes the head of the answer.
    ///
    /// Interim answers are followed by the final one (RFC 9110 §15.2), except 101: what follows it is not HTTP.
    func receive(_ head: FetchedHead) {
        guard head.status >= 200 || head.status == 101 else { return }
        continuation.yield(.head(head))
    }

    /// Takes a chunk of the content.
    func receive(_ chunk: ByteBuffer) {
        let received = state.withLock { state in
            state.received += chunk.readableBytes
            return state.received
        }
        guard received <= request.limit else { return end(.tooLong(limit: request.limit)) }
        if chunk.readableBytes > 0 { continuation.yield(.content(chunk)) }
    }

    /// Ends the exchange: all of the content has come.
    func complete() { settle(.success(())) }

    /// Ends the exchange before there was all of the content, unless it has ended already.
    func end(_ error: FetchError) { settle(.failure(error)) }

    /// Ends the exchange because its connection has ended, in order or by an error.
    func lose(to error: any Error = FetchError.cut) {
        let isHeard = state.withLock { $0.isHeard }
        var cut = FetchError.cut
        if !isHeard, destination.security == nil {
            // Whoever hangs up on a preface that is not understood says no more than that.
            cut = request.version == .http2 ? .otherProtocol("HTTP/2") : .unanswered
        }
        let failure: FetchError =
            switch error {
            case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown: .cut
            case let error as FetchError: error
            case is HTTPParserError: .malformed
            case is NIOHTTP2Errors.StreamClosed: .cut
            case is any NIOHTTP2Error: .otherProtocol("HTTP/2")
            default: FetchError(system: error) ?? .cut
            }
        end(failure == .cut ? cut : failure)
    }

    /// Notes that bytes have come from the socket.
    private func note(_ bytes: ByteBuffer) {
        deadlines.progress(by: bytes.readableBytes)
        let isFirst = state.withLock { state in
            defer { state.isHeard = true }
            return !state.isHeard
        }
        guard isFirst, destination.security == nil, bytes.readableBytesView.first == Self.tlsAlert else { return }
        end(request.version == .http2 ? .otherProtocol("HTTP/2") : .unanswered)
    }

    /// Marks the end of the pipeline where the socket is, and tells what comes from it.
    private final class SocketHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let exchange: FetchExchange

        init(of exchange: FetchExchange) {
            self.exchange = exchange
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            exchange.note(unwrapInboundIn(data))
            context.fireChannelRead(data)
        }
    }
}
