// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Counts an HTTP/2 client's frames as their bytes come, in front of swift-nio-http2.
///
/// It sees what that does not report: that a frame or a header block has begun and does not end, and how many frames
/// come that cause no answer, WINDOW_UPDATE above all. It passes on whole frames only, so swift-nio-http2 keeps nothing
/// of them, and no more than the client takes answers for. It changes SETTINGS that would cost the server something
/// (``HTTP2ClientSettings``).
final class HTTP2FrameMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// A user inbound event: the client has sent more frames, or more settings in one, than it may.
    struct Flood: Sendable {}

    private let limits: HTTP2Limits
    private let mayPass: () -> Bool
    private let reportFlood: () -> Void
    private var scanner = HTTP2FrameScanner()
    private var allowance: Int
    /// Whether the connection ends, so that nothing more is passed on.
    private var isOver = false
    /// What is held back: a frame that has not come whole, and no more than was read at a time.
    private var held = ByteBuffer()
    private var isAtPreface = true
    /// Whether the client has closed its side behind what is held back.
    private var inputHasEnded = false
    private var isPassing = false
    private var context: ChannelHandlerContext?

    /// How much is passed on until it is asked again whether more may be, in bytes: some thirty of the smallest requests.
    private static let portion = 1024

    /// A meter of a new connection.
    ///
    /// - Parameters:
    ///   - limits: How many frames a client may send.
    ///   - mayPass: Tells whether more may be passed on; if not, ``resume()`` is called when it may.
    ///   - reportFlood: Is called, once, when the client has sent more than that.
    init(limits: HTTP2Limits, mayPass: @escaping () -> Bool, reportFlood: @escaping () -> Void) {
        self.limits = limits
        self.mayPass = mayPass
        self.reportFlood = reportFlood
        allowance = limits.frames
    }

    /// Whether a frame or a header block has begun and not ended.
    var isWithinFrame: Bool { scanner.isWithinFrame }

    /// How many frames were received whole; those of one header block count as one.
    var received: Int { scanner.received }

    /// Allows the client more frames, as it was sent one with so many bytes of content.
    func frameWasSent(content: Int) {
        allowance += limits.framesPerFrameSent + content / limits.contentPerFrame
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var received = unwrapInboundIn(data)
        scanner.scan(received.readableBytesView)
        guard scanner.begun <= allowance, !scanner.hasExcessiveSettings else {
            end()
            reportFlood()
            return
        }
        if held.readableBytes == 0 {
            swap(&held, &received)
        } else {
            held.writeBuffer(&received)
        }
        pass(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            inputHasEnded = true
            endInput(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Passes on what was held back, as that may be possible again.
    func resume() {
        guard let context, !isPassing, held.readableBytes > 0 || inputHasEnded else { return }
        pass(context)
        context.fireChannelReadComplete()
    }

    /// Throws away what is held back, and what comes from now on: swift-nio-http2 would say with each portion of it, in a GOAWAY
    /// of its own, that the connection has failed.
    func end() {
        isOver = true
        held = ByteBuffer()
    }

    /// Passes on what there is and may be; an answer that this causes may call it again before it has ended.
    private func pass(_ context: ChannelHandlerContext) {
        isPassing = true
        while !isOver, held.readableBytes > 0, mayPass(), let frames = takeFrames() {
            context.fireChannelRead(wrapInboundOut(frames))
        }
        isPassing = false
        held.discardReadBytes()
        endInput(context)
    }

    /// Tells that the client has closed its side, behind all that it has sent.
    private func endInput(_ context: ChannelHandlerContext) {
        guard inputHasEnded, !isPassing, mayPass() else { return }
        inputHasEnded = false
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// Takes out the next frames that have come whole, about a portion of them; nil if there is none.
    private func takeFrames() -> ByteBuffer? {
        var rest = held
        if isAtPreface {
            guard rest.readableBytes >= HTTP2FrameScanner.prefaceLength else { return nil }
            rest.moveReaderIndex(forwardBy: HTTP2FrameScanner.prefaceLength)
        }
        while rest.readerIndex - held.readerIndex < Self.portion, let length = rest.http2FrameLength {
            // One that is too large ends the connection, whether it comes whole or not.
            let isTooLarge = length > HTTP2FrameScanner.headerLength + HTTP2FrameScanner.largestPayload
            guard isTooLarge || length <= rest.readableBytes else { break }
            if !isTooLarge, let settings = HTTP2ClientSettings.replacement(in: rest, length: length) {
                guard rest.readerIndex == held.readerIndex else { break }
                held.moveReaderIndex(forwardBy: length)
                return settings
            }
            rest.moveReaderIndex(forwardBy: min(length, rest.readableBytes))
        }
        let length = rest.readerIndex - held.readerIndex
        guard length > 0 else { return nil }
        isAtPreface = false
        return held.readSlice(length: length)
    }
}
