// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOExtras

/// One HTTP/1.x connection: a request is answered before the next one is looked at.
///
/// 1. Bytes are collected until they hold a head; a head that is refused ends the connection.
/// 2. The answer is written at once, or when it comes. Until then, while a module is on its way, or while the client does not
///    take what was written, nothing more is read.
/// 3. Content of requests is never parsed: an answer to a request that has some ends the connection, so nothing in it can
///    be taken for another request.
/// 4. A client that has closed its side is still answered what it asked for before.
/// 5. However a connection ends, it lingers (``LingeringClose``).
final class HTTP1Handler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum State {
        case receiving
        /// For the responder, which has promised an answer.
        case waiting
        case sending
        case ending
    }

    private let connection: Connection
    private let listener: ListenerContext
    private var state = State.receiving
    private var input: HTTP1Input
    private let output: HTTP1Output
    private var hasDeferredRead = false
    /// The answer that is on its way; small ones are none.
    private var sending: PendingExchange?
    /// How many requests were answered.
    private var answered = 0
    /// Whether the connection ends with the next answer.
    private var isDraining: Bool
    /// Whether the client will send nothing more.
    private var inputHasEnded = false

    init(_ connection: Connection) {
        self.connection = connection
        listener = connection.listener
        isDraining = connection.endsSoon
        input = HTTP1Input(limits: listener.limits.head, reading: listener.selection)
        output = HTTP1Output(connection)
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input.append(unwrapInboundIn(data))
        answerReceived(context)
    }

    func read(context: ChannelHandlerContext) {
        guard mayRead else {
            hasDeferredRead = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if connection.isWritable {
            output.writeSlices(context)
            resume(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        output.fail()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, ConnectionTimeout.old:
            drain(context)
        case ConnectionTimeout.lateHead:
            refuseLateHead(context)
        case ConnectionTimeout.idle:
            end(context, .idle)
        case ChannelEvent.inputClosed:
            inputHasEnded = true
            resume(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Resets and the like: there is nobody left to answer.
        if connection.isEnded(by: error) { connection.close() }
    }

    private var mayRead: Bool {
        switch state {
        case .receiving: connection.isWritable
        case .waiting, .sending: false
        case .ending: true
        }
    }

    private func resume(_ context: ChannelHandlerContext) {
        answerReceived(context)
        // Whatever was received whole is answered now, unless the client does not take the answers.
        if inputHasEnded, state == .receiving, connection.isWritable { end(context, .answered) }
        if hasDeferredRead, mayRead {
            hasDeferredRead = false
            context.read()
        }
    }

    /// Ends the connection with the next answer; a request may be on its way, or may not have come whole.
    private func drain(_ context: ChannelHandlerContext) {
        isDraining = true
        guard state == .receiving else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: listener.limits.deadlines.roundTrip) {
            if self.state == .receiving { self.end(context, .idle) }
        }
    }

    // MARK: Answers

    private func answerReceived(_ context: ChannelHandlerContext) {
        var hasWritten = false
        while state == .receiving, connection.isWritable, !input.isEmpty {
            do {
                guard let head = try input.nextHead() else { break }
                answer(head, context)
            } catch {
                refuse(error, context)
            }
            hasWritten = true
        }
        if hasWritten { context.flush() }
    }

    private func answer(_ head: HTTP1Head, _ context: ChannelHandlerContext) {
        let exchange = UnansweredExchange(request: head.request, version: head.version, client: connection.client)
        let mayGoOn = head.keepsAlive && !head.hasContent && !head.request.method.asksForTunnel
        switch connection.responder.respond(to: head.request, from: connection.client) {
        case .now(let response):
            send(exchange.answered(with: response), isLast: isDraining || !mayGoOn, context)
        case .later(let response):
            state = .waiting
            response.whenDelivered(on: context.eventLoop) { response in
                self.deliver(exchange.answered(with: response), mayGoOn: mayGoOn, context)
            }
        }
    }

    /// Sends an answer that was awaited, unless the connection is gone.
    private func deliver(_ exchange: PendingExchange, mayGoOn: Bool, _ context: ChannelHandlerContext) {
        guard state == .waiting, context.channel.isActive else {
            listener.observer.exchangeEnded(exchange.ended(complete: false))
            return
        }
        state = .receiving
        send(exchange, isLast: isDraining || !mayGoOn, context)
        context.flush()
        resume(context)
    }

    private func refuse(_ error: HTTP1HeadError, _ context: ChannelHandlerContext) {
        let exchange = UnansweredExchange(request: input.excerpt, version: .http11, client: connection.client)
        send(exchange.answered(with: .problem(error.status, detail: error.detail)), isLast: true, context)
    }

    private func refuseLateHead(_ context: ChannelHandlerContext) {
        guard state == .receiving else { return }
        guard !input.isEmpty else {
            end(context, .idle)
            return
        }
        refuse(HTTP1HeadError(status: .requestTimeout, detail: "The head did not arrive in time."), context)
        context.flush()
    }

    private func send(_ exchange: PendingExchange, isLast: Bool, _ context: ChannelHandlerContext) {
        let answer = HTTP1Answer(exchange: exchange, isLast: isLast)
        answered += 1
        guard answer.isLast || answer.content != nil else {
            // The common small answer: whether it was taken shows in the channel's writability.
            output.writeSmall(answer, promise: nil, context)
            listener.observer.exchangeEnded(exchange.ended(complete: true))
            return
        }
        state = .sending
        sending = exchange
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { self.sent(answer, $0, context) }
        output.write(answer, promise: promise, context)
    }

    private func sent(_ answer: HTTP1Answer, _ result: Result<Void, any Error>, _ context: ChannelHandlerContext) {
        let isComplete = (try? result.get()) != nil
        sending = nil
        listener.observer.exchangeEnded(answer.exchange.ended(complete: isComplete))
        guard isComplete else {
            connection.close()
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
        input.clear()
        if inputHasEnded {
            // Behind everything that was written: the channel closes when it is sent.
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in self.connection.finish() }
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: sent)
        } else {
            LingeringClose.begin(context, connection, occasion)
            resume(context)
        }
    }
}

extension HTTP1Handler: ProtocolHandler {
    func checkDeadlines(at now: NIODeadline) {
        guard let sending, now - sending.start > listener.limits.deadlines.dropped, sending.life?.isAwaited == true
        else { return }
        connection.end(for: .overload)
    }

    var hasAsked: Bool { answered > 0 || state == .waiting }

    var waitState: WaitState {
        guard connection.isWritable else { return WaitState(answers: 1, answer: answered) }
        if state == .waiting { return WaitState() }
        guard state == .receiving else { return WaitState(answers: 1, answer: answered) }
        let isUnderWay = answered == 0 || !input.isEmpty
        return isUnderWay ? WaitState(head: answered) : WaitState(request: answered)
    }
}
