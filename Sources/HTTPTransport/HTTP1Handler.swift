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
/// 4. A peer that has closed its side is still answered what it asked for before.
/// 5. However a connection ends, it lingers (``LingeringClose``).
final class HTTP1Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum State {
        case receiving
        case sending
        case ending
    }

    private let exchanges: Exchanges
    private var state = State.receiving
    private var received = ByteBuffer()
    private var scanner: HTTP1HeadScanner
    private var hasDeferredRead = false
    /// Whether any request was answered: until then, draining waits a moment for the first.
    private var hasAnswered = false
    /// Whether the connection ends with the next answer.
    private var isDraining = false
    /// Whether the peer will send nothing more.
    private var inputHasEnded = false
    private var clientName: String?

    /// How long a draining server waits for a request that has not come, or has not come whole.
    private static let requestGrace = TimeAmount.seconds(1)

    init(exchanges: Exchanges) {
        self.exchanges = exchanges
        scanner = HTTP1HeadScanner(limits: exchanges.limits)
    }

    /// How many bytes are held for what was received, for tests.
    var bufferedCapacity: Int { received.capacity }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.discardReadBytes()
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
            inputHasEnded = true
            resume(context)
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
        case .ending: true
        }
    }

    private func resume(_ context: ChannelHandlerContext) {
        answerReceived(context)
        // Whatever was received whole is answered now, unless the peer does not take the answers.
        if inputHasEnded, state == .receiving, context.channel.isWritable { end(context, .answered) }
        if hasDeferredRead, mayRead(context) {
            hasDeferredRead = false
            context.read()
        }
    }

    private func drain(_ context: ChannelHandlerContext) {
        isDraining = true
        guard state == .receiving else { return }
        guard !hasAnswered || received.readableBytes > 0 else {
            end(context, .idle)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.requestGrace) {
            if self.state == .receiving { self.end(context, .idle) }
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
        scanner.reset()
        return head
    }

    private func answer(_ head: HTTP1Head, _ context: ChannelHandlerContext) {
        let exchange = PendingExchange(
            request: head.request,
            response: exchanges.responder.respond(to: head.request),
            version: head.version,
            client: client(context)
        )
        let isLast = isDraining || !head.keepsAlive || head.hasContent
        send(HTTP1Answer(exchange: exchange, isLast: isLast), context)
    }

    private func refuse(_ error: HTTP1HeadError, _ context: ChannelHandlerContext) {
        let exchange = PendingExchange(
            request: nil,
            response: .problem(error.status, detail: error.detail),
            version: .http11,
            client: client(context)
        )
        send(HTTP1Answer(exchange: exchange, isLast: true), context)
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
        if answer.isLast || isDraining {
            end(context, .answered)
        } else {
            state = .receiving
            resume(context)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ occasion: LingeringClose.Occasion) {
        guard state != .ending else { return }
        state = .ending
        received = ByteBuffer()
        if inputHasEnded {
            // Behind everything that was written: the channel closes when it is sent.
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: sent)
        } else {
            LingeringClose.begin(context, occasion, limit: exchanges.limits.discarded)
            resume(context)
        }
    }

    private func client(_ context: ChannelHandlerContext) -> String {
        if let clientName { return clientName }
        let name = context.remoteAddress?.hostAndPort ?? "unknown"
        clientName = name
        return name
    }
}
