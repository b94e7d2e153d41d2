// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// One request to one sibling: its connection, its deadline, and how it ended.
///
/// Whoever ends it first says why; from then on the connection is closed, without waiting for the sibling to agree.
final class SiblingExchange: Sendable {
    /// The handler next to the socket, whose context closes it behind TLS's back.
    private static let socket = "socket"

    private struct State {
        var channel: (any Channel)?
        var deadline: Scheduled<Void>?
        /// How it ended: with all of the content, or not; nil while it has not.
        var outcome: Result<Void, SiblingError>?
    }

    private let state = Mutex(State())
    private let request: SiblingRequest
    private let eventLoop: any EventLoop
    private let chunks: AsyncStream<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation

    /// An exchange that has not begun.
    init(_ request: SiblingRequest, on eventLoop: any EventLoop) {
        self.request = request
        self.eventLoop = eventLoop
        (chunks, continuation) = AsyncStream.makeStream()
    }

    /// Connects, and sends the request as soon as there is a connection.
    func begin(
        with sibling: Sibling,
        security: SiblingClient.Security?,
        connectTimeout: TimeAmount,
        deadline: TimeAmount
    ) {
        let timer = eventLoop.scheduleTask(in: deadline) { self.end(.timeout) }
        let isOver = state.withLock { state in
            state.deadline = timer
            return state.outcome != nil
        }
        guard !isOver else { return timer.cancel() }
        ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.prepare(channel, for: sibling, try security?())
                }
            }
            .connect(to: sibling.address)
            .whenFailure { error in self.end(SiblingError(error, otherwise: .unreachable)) }
    }

    /// Ends the exchange before there was all of the content, unless it has ended already.
    func end(_ error: SiblingError) {
        settle(.failure(error))
    }

    /// Ends the exchange: all of the content has come.
    func complete() {
        settle(.success(()))
    }

    /// Hands a chunk to whoever takes them.
    func take(_ chunk: ByteBuffer) {
        continuation.yield(chunk)
    }

    /// Waits for the next chunk; nil when there was all of the content.
    func next() async throws(SiblingError) -> ByteBuffer? {
        let channel = state.withLock { $0.outcome == nil ? $0.channel : nil }
        channel?.read()
        var iterator = chunks.makeAsyncIterator()
        if let chunk = await iterator.next() { return chunk }
        // Without an outcome, the task was cancelled.
        let outcome = state.withLock { $0.outcome }
        try (outcome ?? .failure(.cancelled)).get()
        return nil
    }

    private func settle(_ outcome: Result<Void, SiblingError>) {
        let (channel, deadline) = state.withLock { state in
            state.outcome = state.outcome ?? outcome
            return (state.channel.take(), state.deadline.take())
        }
        deadline?.cancel()
        continuation.finish()
        channel?.eventLoop.execute {
            _ = try? channel?.pipeline.syncOperations.context(name: Self.socket).close(promise: nil)
        }
    }

    private func prepare(_ channel: any Channel, for sibling: Sibling, _ security: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(SocketHandler(), name: Self.socket)
        if let security {
            try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: sibling.hostName))
        }
        try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: SiblingResponseHandler.headLimits)
        try pipeline.addHandler(SiblingResponseHandler(request, of: self))
        let outcome = state.withLock { state in
            if state.outcome == nil { state.channel = channel }
            return state.outcome
        }
        try outcome?.get()
    }

    /// Does nothing; it marks the end of the pipeline where the socket is.
    private final class SocketHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
    }
}
