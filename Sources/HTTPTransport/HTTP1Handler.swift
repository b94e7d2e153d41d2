// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore
internal import NIOExtras

/// One HTTP/1.x connection: a request is answered before the next one is looked at.
///
/// 1. Bytes are collected until they hold a head; a head that is refused ends the connection.
/// 2. The answer is written at once. While a module is on its way, or the peer does not take what was written, nothing
///    more is read.
/// 3. Content of requests is never parsed: an answer to a request that has some ends the connection, so nothing in it can
///    be taken for another request.
/// 4. A connection that ends while the peer may still be sending lingers: output is closed, input is thrown away for a
///    while, so that the peer can read the answer (RFC 9112 §9.6).
final class HTTP1Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum State {
        case receiving
        case sending
        case lingering
    }

    private let exchanges: Exchanges
    private var state = State.receiving
    private var received = ByteBuffer()
    private var scanner: HTTP1HeadScanner
    private var lingering: LingeringInput
    private var hasDeferredRead = false
    /// Whether any request was answered: until then, draining waits a moment for the first.
    private var hasAnswered = false
    /// Whether the connection ends with the next answer: the server drains, or the peer will send nothing more.
    private var isEnding = false
    private var clientName: String?

    /// How long a draining server waits for the first request of a connection it has accepted.
    private static let firstRequestGrace = TimeAmount.seconds(1)

    init(exchanges: Exchanges) {
        self.exchanges = exchanges
        scanner = HTTP1HeadScanner(limits: exchanges.limits)
        lingering = LingeringInput(limit: exchanges.limits.discarded)
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard state != .lingering else {
            if !lingering.discards(bytes.readableBytes) { context.close(promise: nil) }
            return
        }
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.writeBuffer(&bytes)
        }
        answerReceived(context)
    }

    func read(context: ChannelHandlerContext) {
        guard mayRead(context) else {
            hasDeferredRead = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { resume(context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            drain(context)
        case ChannelEvent.inputClosed:
            isEnding = true
            if state != .sending { context.close(promise: nil) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Resets and the like: there is nobody left to answer.
        context.close(promise: nil)
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        switch state {
        case .receiving: context.channel.isWritable
        case .sending: false
        case .lingering: true
        }
    }

    private func resume(_ context: ChannelHandlerContext) {
        answerReceived(context)
        if hasDeferredRead, mayRead(context) {
            hasDeferredRead = false
            context.read()
        }
    }

    private func drain(_ context: ChannelHandlerContext) {
        isEnding = true
        guard state == .receiving, received.readableBytes == 0 else { return }
        guard !hasAnswered else {
            context.close(promise: nil)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.firstRequestGrace) {
            if !self.hasAnswered { context.close(promise: nil) }
        }
    }

    // MARK: Answers

    private func answerReceived(_ context: ChannelHandlerContext) {
        var hasWritten = false
        while state == .receiving, context.channel.isWritable, received.readableBytes > 0 {
            do {
                guard let head = try nextHead() else { break }
                answer(head, context)
            } catch {
                refuse(error, context)
            }
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }

    private func nextHead() throws(HTTP1HeadError) -> HTTP1Head? {
        let buffer = received
        let bytes = buffer.readableBytesUInt8Span
        guard let end = try scanner.end(in: bytes) else { return nil }
        let head = try HTTP1HeadParser.parse(bytes.extracting(..<end), lines: scanner.lines)
        received.moveReaderIndex(forwardBy: end)
        scanner = HTTP1HeadScanner(limits: exchanges.limits)
        return head
    }

    private func answer(_ head: HTTP1Head, _ context: ChannelHandlerContext) {
        let answer = HTTP1Answer(
            exchange: PendingExchange(
                request: head.request,
                response: exchanges.responder.respond(to: head.request),
                version: head.version,
                client: client(context)
            ),
            isLast: isEnding || !head.keepsAlive || head.hasContent,
            lingers: head.hasContent
        )
        send(answer, context)
    }

    private func refuse(_ error: HTTP1HeadError, _ context: ChannelHandlerContext) {
        let answer = HTTP1Answer(
            exchange: PendingExchange(
                request: nil,
                response: .problem(error.status, detail: error.detail),
                version: .http11,
                client: client(context)
            ),
            isLast: true,
            lingers: true
        )
        send(answer, context)
    }

    private func send(_ answer: HTTP1Answer, _ context: ChannelHandlerContext) {
        hasAnswered = true
        let head = answer.head(allocator: context.channel.allocator, date: exchanges.date.line)
        let content = answer.blobContent
        guard content != nil || answer.isLast else {
            // The common small answer: whether it was taken shows in the channel's writability.
            context.write(wrapOutboundOut(.byteBuffer(head)), promise: nil)
            exchanges.observer.exchangeEnded(answer.exchange.ended(complete: true))
            return
        }
        state = .sending
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            content?.release()
            self.sent(answer, result, context)
        }
        context.write(wrapOutboundOut(.byteBuffer(head)), promise: content == nil ? promise : nil)
        if let content { context.write(wrapOutboundOut(content.data), promise: promise) }
    }

    private func sent(_ answer: HTTP1Answer, _ result: Result<Void, any Error>, _ context: ChannelHandlerContext) {
        let isComplete = (try? result.get()) != nil
        exchanges.observer.exchangeEnded(answer.exchange.ended(complete: isComplete))
        guard isComplete else {
            context.close(promise: nil)
            return
        }
        guard answer.isLast || isEnding else {
            state = .receiving
            resume(context)
            return
        }
        guard answer.lingers || received.readableBytes > 0 else {
            context.close(promise: nil)
            return
        }
        linger(context)
    }

    private func linger(_ context: ChannelHandlerContext) {
        state = .lingering
        received = ByteBuffer()
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: LingeringInput.duration) {
            context.close(promise: nil)
        }
        resume(context)
    }

    private func client(_ context: ChannelHandlerContext) -> String {
        if let clientName { return clientName }
        let name = context.remoteAddress?.hostAndPort ?? "unknown"
        clientName = name
        return name
    }
}
