// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// One request to one peer: its connection, its deadline, and how it ended.
///
/// Whoever ends it first says why; from then on the connection is closed, without waiting for the peer to agree.
/// A peer that lets its taker wait while hardly anything comes is given up long before the deadline: it has stalled. Both
/// leave more time to one that is far away, which is told by how long it took to connect.
final class PeerExchange: Sendable {
    /// The handler next to the socket, whose context closes it behind TLS's back.
    private static let socket = "socket"
    /// What has to come before the peer counts as stalled, in bytes: far less than would do before the deadline.
    private static let leastProgress = 16 << 10
    /// The longest round trip that more time is left for, so that a peer cannot take as much as it likes.
    private static let longestRoundTrip = TimeAmount.seconds(1)
    /// How many round trips are left for all of it: two for TLS and the request, and two for what comes or is lost.
    private static let roundTrips = 4
    /// How many round trips are left for progress: one, and one for what is lost.
    private static let roundTripsOfProgress = 2

    private struct State {
        var channel: (any Channel)?
        /// How long it took to connect, up to what more time is left for; zero until it has.
        var roundTrip = TimeAmount.zero
        var deadline: Scheduled<Void>?
        var stall: Scheduled<Void>?
        /// Since when the taker has waited without progress; nil while it is busy with what has come.
        var waitingSince: NIODeadline?
        /// Whether anything has come.
        var isHeard = false
        /// What has come since the taker waits, in bytes.
        var progress = 0
        /// How it ended: with all of the content, or not; nil while it has not.
        var outcome: Result<Void, PeerError>?
    }

    /// The type of a TLS record that is an alert (RFC 8446 §5.1).
    private static let tlsAlert: UInt8 = 21

    private let state = Mutex(State())
    private let request: PeerRequest
    private let peer: Peer
    private let security: PeerClient.Security?
    private let stall: TimeAmount
    private let eventLoop: any EventLoop
    private let chunks: AsyncStream<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation

    /// An exchange that has not begun.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - peer: Who is asked.
    ///   - security: Gives the TLS context of its connection; nil for none.
    ///   - stall: How long its taker waits for progress.
    ///   - eventLoop: Where its connection is.
    init(
        _ request: PeerRequest,
        to peer: Peer,
        security: PeerClient.Security?,
        stall: TimeAmount,
        on eventLoop: any EventLoop
    ) {
        self.request = request
        self.peer = peer
        self.security = security
        self.stall = stall
        self.eventLoop = eventLoop
        (chunks, continuation) = AsyncStream.makeStream()
    }

    /// Connects, and sends the request as soon as there is a connection.
    ///
    /// - Parameters:
    ///   - connectTimeout: How long a connection may take to come about.
    ///   - deadline: How long everything else may take, without round trips.
    func begin(connectTimeout: TimeAmount, deadline: TimeAmount) {
        let start = NIODeadline.now()
        guard endLater(in: connectTimeout + deadline) else { return }
        ClientBootstrap(group: eventLoop)
            .channelOption(.autoRead, value: false)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try self.prepare(channel, try self.security?())
                }
            }
            .connect(to: peer.address)
            .whenComplete { result in
                switch result {
                case .success:
                    let roundTrip = min(.now() - start, Self.longestRoundTrip)
                    guard self.endLater(in: deadline + Self.roundTrips * roundTrip) else { return }
                    self.state.withLock { state in
                        state.roundTrip = roundTrip
                        state.waitingSince = state.waitingSince.map { _ in .now() }
                    }
                    self.watch(for: self.stall + Self.roundTripsOfProgress * roundTrip)
                case .failure(let error): self.end(PeerError(error, of: self.peer, otherwise: .unreachable))
                }
            }
    }

    /// Sets the deadline, in place of an earlier one.
    ///
    /// - Returns: Whether the exchange has not ended yet.
    private func endLater(in time: TimeAmount) -> Bool {
        let timer = eventLoop.scheduleTask(in: time) { self.end(.timeout) }
        let (isOver, earlier) = state.withLock { state in
            defer { state.deadline = timer }
            return (state.outcome != nil, state.deadline)
        }
        earlier?.cancel()
        if isOver { timer.cancel() }
        return !isOver
    }

    /// Ends the exchange before there was all of the content, unless it has ended already.
    func end(_ error: PeerError) {
        settle(.failure(error))
    }

    /// Ends the exchange because its connection has ended, in order or by an error.
    ///
    /// - Parameters:
    ///   - error: The error; nil if it has ended in order.
    ///   - tls: What encrypts the connection; nil if nothing does.
    func lose(to error: (any Error)? = nil, over tls: PeerTLS? = nil) {
        let isHeard = state.withLock { $0.isHeard }
        let cut = isHeard || security != nil ? PeerError.cut : .unanswered
        end(error.map { PeerError($0, of: peer, over: tls, otherwise: cut) } ?? cut)
    }

    /// Ends the exchange: all of the content has come.
    func complete() {
        settle(.success(()))
    }

    /// How far away the peer is, as far as more time is left for that.
    var roundTrip: Duration { Duration(state.withLock { $0.roundTrip }) }

    /// Hands a chunk to whoever takes them.
    func take(_ chunk: ByteBuffer) {
        continuation.yield(chunk)
    }

    /// Waits for the next chunk; nil when there was all of the content.
    func next() async throws(PeerError) -> ByteBuffer? {
        let channel = state.withLock { state in
            state.waitingSince = .now()
            state.progress = 0
            return state.outcome == nil ? state.channel : nil
        }
        defer { state.withLock { $0.waitingSince = nil } }
        channel?.read()
        var iterator = chunks.makeAsyncIterator()
        if let chunk = await iterator.next() { return chunk }
        // Without an outcome, the task was cancelled.
        let outcome = state.withLock { $0.outcome }
        try (outcome ?? .failure(.cancelled)).get()
        return nil
    }

    private func settle(_ outcome: Result<Void, PeerError>) {
        let (channel, timers) = state.withLock { state in
            state.outcome = state.outcome ?? outcome
            return (state.channel.take(), [state.deadline.take(), state.stall.take()])
        }
        for timer in timers { timer?.cancel() }
        continuation.finish()
        channel?.eventLoop.execute {
            _ = try? channel?.pipeline.syncOperations.context(name: Self.socket).close(promise: nil)
        }
    }

    /// Notes that bytes have come.
    private func progress(by bytes: ByteBuffer) {
        let isFirst = state.withLock { state in
            defer { state.isHeard = true }
            state.progress += bytes.readableBytes
            if state.waitingSince != nil, state.progress >= Self.leastProgress {
                state.waitingSince = .now()
                state.progress = 0
            }
            return !state.isHeard
        }
        if isFirst, security == nil, bytes.readableBytesView.first == Self.tlsAlert { end(.unanswered) }
    }

    /// Looks at a time whether the peer has stalled, and if not, again when it could have.
    private func watch(for stall: TimeAmount, since start: NIODeadline = .now()) {
        let timer = eventLoop.scheduleTask(deadline: start + stall) {
            let since = self.state.withLock { $0.waitingSince } ?? .now()
            if .now() - since >= stall { self.end(.timeout) } else { self.watch(for: stall, since: since) }
        }
        let isOver = state.withLock { state in
            state.stall = timer
            return state.outcome != nil
        }
        if isOver { timer.cancel() }
    }

    private func prepare(_ channel: any Channel, _ security: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(SocketHandler(of: self), name: Self.socket)
        let tls = try security.map { try NIOSSLClientHandler(context: $0, serverHostname: peer.hostName) }
        if let tls { try pipeline.addHandler(tls) }
        try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: PeerResponseHandler.headLimits)
        let handler = PeerResponseHandler(request, of: self) {
            security.map { PeerTLS(presented: tls?.peerCertificate, context: $0) }
        }
        try pipeline.addHandler(handler)
        let outcome = state.withLock { state in
            if state.outcome == nil { state.channel = channel }
            return state.outcome
        }
        try outcome?.get()
    }

    /// Marks the end of the pipeline where the socket is, and counts what comes from it.
    private final class SocketHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let exchange: PeerExchange

        init(of exchange: PeerExchange) {
            self.exchange = exchange
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            exchange.progress(by: unwrapInboundIn(data))
            context.fireChannelRead(data)
        }
    }
}
