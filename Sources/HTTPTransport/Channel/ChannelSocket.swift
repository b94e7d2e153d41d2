// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPProtocol
internal import HTTPService
internal import NIOCore
internal import NIOSSL

/// The socket of a connection as a channel of SwiftNIO: where there is TLS, and on systems without epoll.
///
/// What is to be sent is handed over in portions, the next one when the system has taken the last: over TLS each is encrypted into
/// memory of its own, so a client that takes nothing holds no more than one.
final class ChannelSocket: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The connection that it carries.
    private(set) var connection: Connection?
    private let channel: any Channel
    /// Is told if the system cannot watch it.
    private let acceptGate: AcceptGate
    private let portion: Int
    private let buffer: PortionBuffer
    private var tls: NIOSSLServerHandler?
    /// What is between TLS and the system's socket.
    private var closeGate: CloseGate?
    /// Whether a portion was handed over that the system has not taken whole.
    private var isSending = false
    private var inputHasEnded = false
    /// Whether the output is closed, or will be and TLS has said so.
    private var isOutputShut = false
    /// Closes the output once the client has taken everything; nil if nothing waits for that.
    private var outputCheck: Scheduled<Void>?
    /// Whether a read waits until more input can be used.
    private var holdsRead = false

    /// The most of an HTTP/2 frame with content, in bytes: with the frame's header it fills a TLS record (RFC 8446 §5.1).
    private static let framePayload = (16 << 10) - 9
    /// When the client is first looked at that has not taken everything: a system may wait 40 ms before it says that it has.
    private static let firstOutputCheck = TimeAmount.milliseconds(50)
    private static let longestOutputCheckInterval = TimeAmount.seconds(1)

    /// A socket that was let in by a gate, whose output is handed over in portions of so many bytes, in memory of its thread.
    init(_ channel: any Channel, behind gate: AcceptGate, portion: Int, in buffer: PortionBuffer) {
        (self.channel, acceptGate, self.portion, self.buffer) = (channel, gate, portion, buffer)
    }

    /// Begins to carry a connection.
    func begin(from address: ClientAddress, in registry: ConnectionRegistry, isShakingHands: Bool) -> Connection {
        let connection = Connection(
            self,
            from: address,
            in: registry,
            framePayload: Self.framePayload,
            isShakingHands: isShakingHands
        )
        self.connection = connection
        registry.add(connection)
        return connection
    }

    /// Notes what encrypts it, and what is between that and the system's socket.
    func encrypt(with tls: NIOSSLServerHandler, behind gate: CloseGate) {
        (self.tls, closeGate) = (tls, gate)
    }

    /// Has the event loop watch it; where the system lets nobody watch another socket, nobody is accepted for a while, and it is tried
    /// again then.
    ///
    /// SwiftNIO closes a socket that cannot be watched, and tells nobody. So the system is asked beforehand.
    func register(context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        guard connection != nil else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let error = withDescriptor(platform_poll_error) ?? 0
        guard error != 0 else { return context.register(promise: promise) }
        let eventLoop = context.eventLoop.assumeIsolated()
        acceptGate.watchFailed(error) { time, action in eventLoop.scheduleTask(in: TimeAmount(time), action) }
        eventLoop.scheduleTask(in: TimeAmount(AcceptGate.systemPause)) {
            self.register(context: context, promise: promise)
        }
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        connection?.receive(bytes.readableBytesUInt8Span)
    }

    func read(context: ChannelHandlerContext) {
        if connection?.wantsInput ?? false { context.read() } else { holdsRead = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            inputHasEnded = true
            connection?.inputEnded()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that closes its side without TLS's close_notify may still wait for what it has asked for.
        if case NIOSSLError.uncleanShutdown = error { return }
        connection?.socketFailed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        channelEnded()
        context.fireChannelInactive()
    }

    /// Whoever was accepted as the port was closed has a channel that was never active, and does not become inactive.
    func handlerRemoved(context: ChannelHandlerContext) { channelEnded() }

    private func channelEnded() {
        outputCheck?.cancel()
        connection?.socketClosed()
        connection = nil
    }
}

extension ChannelSocket: ConnectionSocket {
    func resumeReceiving() {
        guard holdsRead else { return }
        holdsRead = false
        channel.read()
    }

    func send(_ output: OutputQueue) -> SendOutcome {
        guard !isSending else { return .blocked }
        let bytes = buffer.portion(of: output, upTo: portion)
        let count = bytes.readableBytes
        isSending = true
        // What is taken at once is told by what this returns.
        var outcome: SendOutcome?
        var hasReturned = false
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            let isTaken = (try? result.get()) != nil
            if !hasReturned {
                self.isSending = false
                if isTaken { output.advance(by: count) }
                outcome = isTaken ? .sent : .failed
            } else if isTaken {
                self.goOnLater(behind: count)
            } else {
                self.isSending = false
                self.connection?.socketFailed()
            }
        }
        channel.writeAndFlush(bytes, promise: promise)
        hasReturned = true
        return outcome ?? .blocked
    }

    /// Goes on sending a turn of the event loop later: now SwiftNIO still holds what was sent, so that TLS would need other memory.
    private func goOnLater(behind count: Int) {
        channel.eventLoop.assumeIsolated().execute {
            self.isSending = false
            self.connection?.socketTook(count)
        }
    }

    /// What the system may hold is the same all the time.
    func check() {}

    var acknowledged: Int? {
        withDescriptor { platform_acknowledged($0) }.flatMap { $0 >= 0 ? Int($0) : nil }
    }

    var hasUnacknowledgedOutput: Bool {
        withDescriptor { platform_unacknowledged($0) }.map { $0 > 0 } ?? false
    }

    /// TLS has something to say at the end.
    var mayCloseAtOnce: Bool { false }

    /// Closes the output as soon as the client has taken everything; over TLS it is told at once that nothing follows, which is why most
    /// close the connection then.
    ///
    /// Once both sides are closed, swift-nio closes the socket, and nobody would watch what the system still holds for a client
    /// that does not take it. So the server's side is closed no sooner.
    ///
    /// It begins a turn of the event loop later: what TLS has to say while the last bytes are being sent would be thrown away.
    func shutOutput() {
        channel.eventLoop.assumeIsolated().execute {
            guard self.channel.isActive else { return }
            if let closeGate = self.closeGate, self.hasUnacknowledgedOutput {
                closeGate.isHeld = true
                self.isOutputShut = true
                self.channel.close(mode: .output, promise: nil)
            }
            self.shutOutput(in: Self.firstOutputCheck)
        }
    }

    private func shutOutput(in time: TimeAmount) {
        guard channel.isActive else { return }
        guard hasUnacknowledgedOutput else {
            isOutputShut = true
            closeGate?.isHeld = false
            return channel.close(mode: .output, promise: nil)
        }
        outputCheck = channel.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.shutOutput(in: min(time * 2, Self.longestOutputCheckInterval))
        }
    }

    /// Closes the socket.
    ///
    /// Where the client has closed its side, TLS says so at the end, a turn of the event loop later: what it has to say while the last
    /// bytes are being sent would be thrown away. Elsewhere it is not asked, as it would wait for the client.
    func close(resets: Bool) {
        if !resets, inputHasEnded, !isOutputShut {
            isOutputShut = true
            channel.eventLoop.assumeIsolated().execute { self.channel.close(mode: .output, promise: nil) }
            return
        }
        closeGate?.isHeld = false
        if resets { _ = withDescriptor { platform_reset_on_close($0) } }
        guard let tls, let context = try? channel.pipeline.syncOperations.context(handler: tls) else {
            channel.close(promise: nil)
            return
        }
        context.close(promise: nil)
    }

    func whenDelivered(_ response: DeferredResponse, _ receiver: @escaping (Response) -> Void) {
        let receiver = NIOLoopBound(receiver, eventLoop: channel.eventLoop)
        let eventLoop = channel.eventLoop
        response.whenDelivered { response in
            eventLoop.execute { receiver.value(response) }
        }
    }

    private func withDescriptor<Result>(_ body: (CInt) -> Result) -> Result? {
        // It throws once the socket is closed, when there is nothing left to ask or to set.
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self, body)
    }
}
