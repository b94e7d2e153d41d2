// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP2

/// Counts an HTTP/2 client's frames as their bytes come, in front of swift-nio-http2.
///
/// It sees what that does not tell: that a frame or a header block has begun and does not end, and how many frames come
/// that cause no answer, WINDOW_UPDATE above all. It looks at the nine bytes of frame headers (RFC 9113 §4.1) and at
/// nothing else.
final class HTTP2FrameMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// A user inbound event: the client has sent more frames than it may.
    struct Flood: Sendable {}

    private let limits: HTTP2Limits
    private let reportFlood: () -> Void
    /// The bytes to skip until the next frame header: first the preface (RFC 9113 §3.4), then payloads.
    private var skipped = HTTP2FrameMeter.prefaceLength
    /// The bytes of a frame header that came in pieces.
    private var header: [UInt8] = []
    private var isInHeaderBlock = false
    private var allowance: Int

    /// How many frames were received whole; those of one header block count as one.
    private(set) var received = 0

    private static let prefaceLength = 24
    private static let headerLength = 9
    private static let headers: UInt8 = 1
    private static let continuation: UInt8 = 9
    private static let endHeaders: UInt8 = 4

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
    var isWithinFrame: Bool { skipped > 0 || !header.isEmpty || isInHeaderBlock }

    /// Allows the client more frames, as one was sent to it.
    func frameWasSent() {
        if allowance >= 0 { allowance += limits.framesPerFrameSent }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard allowance >= 0 else { return }
        count(unwrapInboundIn(data).readableBytesView)
        if allowance >= 0 {
            context.fireChannelRead(data)
        } else {
            reportFlood()
        }
    }

    private func count(_ bytes: ByteBufferView) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if skipped > 0 {
                let part = min(skipped, rest.count)
                rest = rest.dropFirst(part)
                skipped -= part
                if skipped == 0 { endFrame() }
            } else {
                let part = rest.prefix(Self.headerLength - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                if header.count == Self.headerLength { beginFrame() }
            }
        }
    }

    private func beginFrame() {
        allowance -= 1
        skipped = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        if header[3] == Self.headers || header[3] == Self.continuation {
            isInHeaderBlock = header[4] & Self.endHeaders == 0
        }
        header.removeAll(keepingCapacity: true)
        if skipped == 0 { endFrame() }
    }

    private func endFrame() {
        if !isInHeaderBlock { received += 1 }
    }
}
