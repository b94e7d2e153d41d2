// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore
internal import NIOExtras
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOSSL

/// One HTTP/2 connection, on top of swift-nio-http2's frames (RFC 9113).
///
/// There is no channel per stream: a request is answered where its HEADERS frame is read, with one frame of fields and
/// one of content. The content is a slice of the sealed pages, which swift-nio-http2 cuts to the peer's frame size and
/// windows; a thousand stalled streams share it.
///
/// As on HTTP/1.x, content of requests is not read. The answer goes out at once, and a client that is still sending is
/// told to stop with RST_STREAM and NO_ERROR (RFC 9113 §8.1).
final class HTTP2Handler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let connection: Connection
    private let exchanges: Exchanges
    private let meter: HTTP2FrameMeter
    private let sentFrames: SentFrames
    /// How many answers are being sent.
    private var answersUnderWay = 0
    /// How many were begun since the socket took no more: their heads wait in memory, outside of any window.
    private var answersSinceFull = 0
    private var hasDeferredRead = false
    /// Streams with an answer under way on which the client has not ended its request.
    private var unendedRequests: Set<HTTP2StreamID> = []
    private var lastStream = HTTP2StreamID.rootStream
    private var drain = Drain.no
    private var isOpen = false
    private var isEnding = false
    /// Whether the client will send nothing more; it still gets what it has asked for.
    private var inputHasEnded = false

    /// Graceful shutdown, as RFC 9113 §6.8 has it: announce, wait a round trip, name the last stream, finish.
    private enum Drain {
        case no
        case announced
        case final
    }

    /// How much more a client may send on a connection than RFC 9113 §6.9.2 lets it, in bytes, up to the largest window.
    ///
    /// Content is thrown away as it comes, some of it by swift-nio-http2, so this window is opened once and for all. What
    /// a stream may send is bounded by its own window of 65,535 bytes.
    private static let connectionWindowIncrement = (1 << 31) - 1 - 65535
    /// How long the announcement of a shutdown is left to reach the client, if it does not answer the PING.
    private static let drainRoundTrip = TimeAmount.seconds(1)
    /// How often it is looked whether a client that has closed its side was sent all that it can get.
    private static let sentCheckInterval = TimeAmount.seconds(1)
    /// How many answers may wait for a client that reads nothing until nothing more is read of it either.
    private static let mostAnswersSinceFull = 100
    private static let drainPing = HTTP2PingData(withInteger: 0x7761_736d_6472_6169)

    /// The handler of a connection.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - meter: Counts what its client sends.
    ///   - sentFrames: Looks at what is sent to it.
    init(_ connection: Connection, meter: HTTP2FrameMeter, sentFrames: SentFrames) {
        self.connection = connection
        exchanges = connection.exchanges
        self.meter = meter
        self.sentFrames = sentFrames
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        let frame = unwrapInboundIn(data)
        if !isOpen {
            // The first frame is the client's SETTINGS: its preface is complete (RFC 9113 §3.4).
            isOpen = true
            write(.windowUpdate(windowSizeIncrement: Self.connectionWindowIncrement), on: .rootStream, context)
        }
        switch frame.payload {
        case .headers(let content):
            receive(content, on: frame.streamID, context)
        case .data(let content):
            if content.endStream { unendedRequests.remove(frame.streamID) }
        case .ping(Self.drainPing, ack: true):
            finishDraining(context)
        case .goAway:
            // The client is about to leave (RFC 9113 §6.8).
            drain = .final
            endIfDone(context)
        default:
            break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Two of these come with every frame that is sent; nothing here depends on them.
        guard type(of: event) != NIOHTTP2WindowUpdatedEvent.self else { return }
        switch event {
        case is ChannelShouldQuiesceEvent:
            announceDrain(context)
        case EndOfPatience.lateHead where answersUnderWay == 0:
            giveUp(.noError, context)
        case is EndOfPatience:
            announceDrain(context)
        case is HTTP2FrameMeter.Flood:
            connection.end(for: .flood)
            giveUp(.enhanceYourCalm, context)
        case ChannelEvent.inputClosed:
            inputHasEnded = true
            endIfDone(context)
            endWhenSent(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func read(context: ChannelHandlerContext) {
        guard answersSinceFull < Self.mostAnswersSinceFull else {
            hasDeferredRead = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if connection.isWritable {
            answersSinceFull = 0
            if hasDeferredRead {
                hasDeferredRead = false
                context.read()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = sentFrames.failure {
            if !isEnding { connection.end(for: failure == .enhanceYourCalm ? .flood : .protocolError) }
            end(context, .failed)
        } else if error is IOError || error is ChannelError || error is NIOSSLError {
            if connection.isEnded(by: error) { connection.close() }
        }
        // Anything else concerns one stream, which swift-nio-http2 has reset; the others go on.
    }

    private func receive(
        _ content: HTTP2Frame.FramePayload.Headers,
        on stream: HTTP2StreamID,
        _ context: ChannelHandlerContext
    ) {
        guard stream > lastStream else {
            // Trailers.
            if content.endStream { unendedRequests.remove(stream) }
            return
        }
        lastStream = stream
        guard mayAnswer(context) else {
            // A client may try again what was refused so (RFC 9113 §8.7).
            connection.tell(.streamRefused)
            write(.rstStream(.refusedStream), on: stream, context)
            context.flush()
            return
        }
        if !content.endStream { unendedRequests.insert(stream) }
        answer(content.headers, on: stream, context)
    }

    private func mayAnswer(_ context: ChannelHandlerContext) -> Bool {
        if connection.mayAnswer(beside: answersUnderWay) { return true }
        // Those before it may only be waiting for that.
        context.flush()
        return connection.mayAnswer(beside: answersUnderWay)
    }

    // MARK: Answers

    private func answer(_ headers: HPACKHeaders, on stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        let request = Request(headers)
        let exchange = PendingExchange(
            request: request,
            response: refusal(of: headers) ?? connection.responder.respond(to: request).response,
            version: .http2,
            client: connection.client
        )
        let response = exchange.response
        let content = request.method == .head ? nil : response.body.buffer(allocator: context.channel.allocator)
        let head = HTTP2Frame.FramePayload.Headers(
            headers: HPACKHeaders(response.head, date: exchanges.date.value),
            endStream: content == nil
        )
        answersUnderWay += 1
        connection.answersBegan(1)
        if !connection.isWritable { answersSinceFull += 1 }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.sent(exchange, on: stream, result, context)
        }
        write(.headers(head), on: stream, promise: content == nil ? promise : nil, context)
        if let content {
            write(.data(.init(data: .byteBuffer(content), endStream: true)), on: stream, promise: promise, context)
        }
    }

    /// What the limits refuse; on HTTP/1.x the parser does.
    private func refusal(of headers: HPACKHeaders) -> Response? {
        let limits = exchanges.limits.head
        let path = headers.first(name: ":path") ?? ""
        guard path.utf8.count <= limits.requestLine else {
            return .problem(.uriTooLong, detail: "The path has more than \(limits.requestLine) bytes.")
        }
        guard headers.count <= limits.fieldCount,
            headers.allSatisfy({ $0.name.utf8.count + $0.value.utf8.count <= limits.fieldLine })
        else {
            return .problem(
                .requestHeaderFieldsTooLarge,
                detail:
                    "The head has more than \(limits.fieldCount) fields, or one of more than \(limits.fieldLine) bytes."
            )
        }
        return nil
    }

    private func sent(
        _ exchange: PendingExchange,
        on stream: HTTP2StreamID,
        _ result: Result<Void, any Error>,
        _ context: ChannelHandlerContext
    ) {
        let isComplete = (try? result.get()) != nil
        answersUnderWay -= 1
        connection.answersBegan(-1)
        exchanges.observer.exchangeEnded(exchange.ended(complete: isComplete))
        if unendedRequests.remove(stream) != nil, isComplete {
            write(.rstStream(.noError), on: stream, context)
            context.flush()
        }
        endIfDone(context)
    }

    private func write(
        _ payload: HTTP2Frame.FramePayload,
        on stream: HTTP2StreamID,
        promise: EventLoopPromise<Void>? = nil,
        _ context: ChannelHandlerContext
    ) {
        context.write(wrapOutboundOut(HTTP2Frame(streamID: stream, payload: payload)), promise: promise)
    }

    // MARK: Draining

    private func announceDrain(_ context: ChannelHandlerContext) {
        guard drain == .no else { return }
        drain = .announced
        goAway(.maxID, .noError, context)
        write(.ping(Self.drainPing, ack: false), on: .rootStream, context)
        context.flush()
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.drainRoundTrip) {
            self.finishDraining(context)
        }
    }

    private func finishDraining(_ context: ChannelHandlerContext) {
        guard drain == .announced, context.channel.isActive else { return }
        drain = .final
        goAway(lastStream, .noError, context)
        context.flush()
        endIfDone(context)
    }

    private func goAway(
        _ lastStream: HTTP2StreamID,
        _ code: HTTP2ErrorCode,
        _ context: ChannelHandlerContext
    ) {
        let payload = HTTP2Frame.FramePayload.goAway(lastStreamID: lastStream, errorCode: code, opaqueData: nil)
        write(payload, on: .rootStream, context)
    }

    // MARK: Ending

    private func endIfDone(_ context: ChannelHandlerContext) {
        guard drain == .final || inputHasEnded, answersUnderWay == 0 else { return }
        end(context, hasAsked ? .answered : .idle)
    }

    /// Ends a connection whose client sends nothing more, not even a WINDOW_UPDATE, once all that it left room for is sent.
    private func endWhenSent(_ context: ChannelHandlerContext) {
        guard !isEnding, context.channel.isActive else { return }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        guard let unsent, unsent > 0 else {
            end(context, .answered)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.sentCheckInterval) { self.endWhenSent(context) }
    }

    /// Ends a connection whose client has done or left undone what it must not.
    private func giveUp(_ code: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        guard !isEnding else { return }
        goAway(lastStream, code, context)
        context.flush()
        end(context, .failed)
    }

    private func end(_ context: ChannelHandlerContext, _ occasion: LingeringClose.Occasion) {
        guard !isEnding else { return }
        isEnding = true
        if inputHasEnded {
            connection.finish()
        } else {
            LingeringClose.begin(context, connection, occasion)
        }
    }
}

extension HTTP2Handler: Speaker {
    var hasAsked: Bool { lastStream != .rootStream }

    var standing: Standing {
        guard !isEnding else { return Standing(answers: max(answersUnderWay, 1)) }
        // Whatever else comes before it, the first request has its own deadline.
        guard hasAsked else { return Standing(head: 0) }
        return Standing(
            head: meter.isWithinFrame && !hasDeferredRead ? meter.received : nil,
            request: answersUnderWay == 0 ? Int(lastStream) : nil,
            answers: answersUnderWay
        )
    }
}
