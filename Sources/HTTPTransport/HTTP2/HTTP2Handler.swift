// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService
internal import NIOCore
internal import NIOExtras
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOSSL

/// One HTTP/2 connection, on top of swift-nio-http2's frames (RFC 9113).
///
/// There is no channel per stream: a request is answered where its HEADERS frame is read, with one frame of fields and
/// one of content. The content is a slice of the sealed pages, which swift-nio-http2 cuts to the client's frame size and
/// windows; a thousand stalled streams share it.
///
/// An answer that comes later is sent when it comes, and other streams go on meanwhile. If its stream is closed by then,
/// nothing is sent.
///
/// As on HTTP/1.x, content of requests is not read. The answer goes out at once, and a client that is still sending is
/// told to stop with RST_STREAM and NO_ERROR (RFC 9113 §8.1).
final class HTTP2Handler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let connection: Connection
    private let listener: ListenerContext
    private let meter: HTTP2FrameMeter
    private let outboundFrames: OutboundFrameObserver
    private let streams: HTTP2Streams
    private let ending: HTTP2Ending
    private let readGate: HTTP2ReadGate
    /// How many streams the client has opened beyond the limit that it knew.
    private var violations = 0
    private var isOpen = false
    private var context: ChannelHandlerContext?

    /// How much more a client may send on a connection than RFC 9113 §6.9.2 lets it, in bytes, up to the largest window.
    ///
    /// Content is thrown away as it comes, some of it by swift-nio-http2, so this window is opened once and for all. What
    /// a stream may send is bounded by its own window of 65,535 bytes.
    private static let connectionWindowIncrement = (1 << 31) - 1 - 65535

    /// The handler of a connection, whose requests the gate holds back.
    init(
        _ connection: Connection,
        meter: HTTP2FrameMeter,
        streams: HTTP2Streams,
        readGate: HTTP2ReadGate,
        outboundFrames: OutboundFrameObserver
    ) {
        self.connection = connection
        listener = connection.listener
        self.meter = meter
        self.streams = streams
        self.readGate = readGate
        self.outboundFrames = outboundFrames
        ending = HTTP2Ending(connection, meter, streams)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !ending.hasBegun else { return }
        let frame = unwrapInboundIn(data)
        if !isOpen {
            // The first frame is the client's SETTINGS: its preface is complete (RFC 9113 §3.4).
            isOpen = true
            context.write(.windowUpdate(windowSizeIncrement: Self.connectionWindowIncrement), on: .rootStream)
        }
        switch frame.payload {
        case .headers(let content):
            receive(content, on: frame.streamID, context)
        case .data(let content):
            if content.endStream { streams.requestEnded(on: frame.streamID) }
        case .windowUpdate(let increment):
            streams.windowGrew(by: increment, on: frame.streamID)
        case .settings(.settings(let settings)):
            for setting in settings where setting.parameter == .initialWindowSize {
                streams.initialWindowBecame(setting.value)
            }
        case .ping(HTTP2Drain.ping, ack: true):
            ending.announcementHasArrived(context)
        case .goAway:
            ending.clientLeaves(context)
        default:
            break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Two of these come with every frame that is sent; nothing here depends on them.
        guard type(of: event) != NIOHTTP2WindowUpdatedEvent.self else { return }
        switch event {
        case let event as StreamClosedEvent:
            streams.closed(event.streamID)
        case is ChannelShouldQuiesceEvent:
            ending.announce(context)
        case ConnectionTimeout.lateHead where streams.answers == 0:
            ending.giveUp(.noError, context)
        case is ConnectionTimeout:
            ending.announce(context)
        case is HTTP2StreamLimit.Acknowledged:
            streams.limitBecameKnown(listener.limits.http2.streams)
        case is HTTP2FrameMeter.Flood:
            connection.end(for: .flood)
            ending.giveUp(.enhanceYourCalm, context)
        case ChannelEvent.inputClosed:
            ending.inputEnded(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func read(context: ChannelHandlerContext) {
        if readGate.mayRead() { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if connection.isWritable { resume(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Goes on with what was held back.
    private func resume(_ context: ChannelHandlerContext) {
        meter.resume()
        if readGate.isOpen, readGate.takeRead() { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = outboundFrames.failure {
            ending.fail(for: failure, context)
        } else if error is IOError || error is ChannelError || error is NIOSSLError {
            if connection.isEnded(by: error) { connection.close() }
        } else if let reason = MalformedRequest.reason(of: error) {
            connection.tell(.streamRejected, .init(detail: reason))
        }
        // Anything else concerns one stream, which swift-nio-http2 has reset; the others go on.
    }

    private func receive(
        _ content: HTTP2Frame.FramePayload.Headers,
        on stream: HTTP2StreamID,
        _ context: ChannelHandlerContext
    ) {
        guard streams.openIfNew(stream) else {
            if content.endStream { streams.requestEnded(on: stream) }
            return
        }
        guard mayAnswerNow(context) else {
            refuse(stream, context)
            return
        }
        streams.begin(stream, requestHasEnded: content.endStream)
        connection.answersBegan(1)
        answer(content.headers, on: stream, context)
    }

    /// Refuses a request, which the client may try again (RFC 9113 §8.7).
    private func refuse(_ stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        connection.tell(.streamRefused)
        context.write(.rstStream(.refusedStream), on: stream)
        context.flush()
        guard streams.limitIsKnown, streams.answers >= streams.limit else { return }
        violations += 1
        guard violations > listener.limits.http2.streamsBeyondLimit else { return }
        connection.end(for: .flood)
        ending.giveUp(.enhanceYourCalm, context)
    }

    private func mayAnswerNow(_ context: ChannelHandlerContext) -> Bool {
        if mayAnswer { return true }
        // Those before it may only be waiting for that.
        context.flush()
        return mayAnswer
    }

    private var mayAnswer: Bool { streams.answers < streams.limit && connection.mayAnswer(beside: streams.answers) }

    // MARK: Answers

    private func answer(_ headers: HPACKHeaders, on stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        let request = Request(headers, reading: listener.selection)
        let exchange = UnansweredExchange(request: request, version: .http2, client: connection.client)
        let refusal = listener.limits.head.refusal(of: headers, for: request.fields.authority)
        switch refusal.map(Reply.now) ?? connection.responder.respond(to: request, from: connection.client) {
        case .now(let response):
            send(exchange.answered(with: response), on: stream, context)
        case .later(let response):
            streams.answerDeferred(on: stream)
            response.whenDelivered(on: context.eventLoop) { response in
                self.deliver(exchange.answered(with: response), on: stream, context)
            }
        }
    }

    /// Sends an answer that was awaited, unless its stream or the connection is gone.
    private func deliver(_ exchange: PendingExchange, on stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        guard streams.delivered(stream), !ending.hasBegun, context.channel.isActive else {
            ended(exchange, on: stream, isComplete: false, context)
            return
        }
        send(exchange, on: stream, context)
        context.flush()
    }

    private func send(_ exchange: PendingExchange, on stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        let answer = HTTP2Answer(exchange, date: listener.date.value)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.ended(exchange, on: stream, isComplete: (try? result.get()) != nil, context)
        }
        if let life = exchange.life { streams.sends(life, since: exchange.start, on: stream) }
        context.write(answer.head, on: stream, promise: answer.content == nil ? promise : nil)
        if let content = answer.content { context.write(content, on: stream, promise: promise) }
    }

    private func ended(
        _ exchange: PendingExchange,
        on stream: HTTP2StreamID,
        isComplete: Bool,
        _ context: ChannelHandlerContext
    ) {
        let requestHasEnded = streams.end(stream)
        connection.answersBegan(-1)
        listener.observer.exchangeEnded(exchange.ended(complete: isComplete))
        if !requestHasEnded, isComplete {
            context.write(.rstStream(.noError), on: stream)
            context.flush()
        }
        ending.endIfDone(context)
        if readGate.reopenIfPossible() { resume(context) }
    }
}

extension HTTP2Handler: ProtocolHandler {
    func checkDeadlines(at now: NIODeadline) {
        let stalled = streams.stalled(at: now, listener.limits.deadlines)
        guard let context else { return }
        if readGate.reopenIfPossible() { resume(context) }
        guard !stalled.isEmpty else { return }
        for stream in stalled { context.write(.rstStream(.cancel), on: stream) }
        context.flush()
    }

    var hasAsked: Bool { streams.haveBegun }

    var waitState: WaitState {
        guard !ending.hasBegun else { return WaitState(answers: max(streams.sending, 1)) }
        // Whatever else comes before it, the first request has its own deadline.
        guard hasAsked else { return WaitState(head: 0) }
        return WaitState(
            head: meter.isWithinFrame && readGate.isOpen ? meter.received : nil,
            request: streams.answers == 0 ? Int(streams.last) : nil,
            answers: streams.sending
        )
    }
}
