// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Counts an HTTP/2 client's frames as their bytes come, in front of swift-nio-http2.
///
/// It sees what that does not tell: that a frame or a header block has begun and does not end, and how many frames come
/// that cause no answer, WINDOW_UPDATE above all.
final class HTTP2FrameMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// A user inbound event: the client has sent more frames than it may.
    struct Flood: Sendable {}

    private let limits: HTTP2Limits
    private let reportFlood: () -> Void
    private var scanner = HTTP2FrameScanner()
    private var allowance: Int
    private var hasFlooded = false

    /// A meter of a new connection.
    ///
    /// - Parameters:
    ///   - limits: How many frames a client may send.
    ///   - reportFlood: Is called, once, when it has sent more.
    init(limits: HTTP2Limits, reportFlood: @escaping () -> Void) {
        self.limits = limits
        self.reportFlood = reportFlood
        allowance = limits.frames
    }

    /// Whether a frame or a header block has begun and not ended.
    var isWithinFrame: Bool { scanner.isWithinFrame }

    /// How many frames were received whole; those of one header block count as one.
    var received: Int { scanner.received }

    /// Allows the client more frames, as one was sent to it.
    ///
    /// - Parameter content: How much content it had, in bytes.
    func frameWasSent(content: Int) {
        allowance += limits.framesPerFrameSent + content / limits.contentPerFrame
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFlooded else { return }
        scanner.scan(unwrapInboundIn(data).readableBytesView)
        if scanner.begun <= allowance {
            context.fireChannelRead(data)
        } else {
            hasFlooded = true
            reportFlood()
        }
    }
}
