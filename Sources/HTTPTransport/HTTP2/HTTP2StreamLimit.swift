// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Refuses the streams that a client opens beyond the limit; swift-nio-http2 would end its connection.
///
/// swift-nio-http2 ends a connection with more streams than SETTINGS_MAX_CONCURRENT_STREAMS says, and takes that for
/// 100 until the client has acknowledged it. But a client cannot keep to what it has not seen yet (RFC 9113 §6.5.3): a
/// gateway asks for all its modules in one flight with the preface. And streams beyond the limit are errors of these
/// streams (§5.1.2).
///
/// 1. swift-nio-http2 gets a limit that nobody reaches. In the SETTINGS frame that it sends, the real one takes its
///    place.
/// 2. Right behind the client's own SETTINGS it gets an acknowledgement of that frame.
/// 3. When the real acknowledgement comes, this handler takes it out, tells ``HTTP2Handler``, and makes way.
///
/// ``HTTP2Handler`` refuses what is too much, by REFUSED_STREAM. What comes here is whole frames, as
/// ``HTTP2FrameMeter`` passes no others on.
final class HTTP2StreamLimit: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// A user inbound event: the client has acknowledged the limit.
    struct Acknowledged: Sendable {}

    /// The limit for swift-nio-http2: there are no more streams than that (RFC 9113 §5.1.1).
    static let unreached = 1 << 30

    private let streams: Int
    private var hasSentSettings = false
    private var hasReceivedSettings = false
    private var isAtPreface = true

    /// SETTINGS_MAX_CONCURRENT_STREAMS (RFC 9113 §6.5.2).
    private static let maximumConcurrentStreams: UInt16 = 3
    /// The header of SETTINGS with the flag ACK (RFC 9113 §6.5).
    private static let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]

    /// A limit that the client is told.
    init(streams: Int) {
        self.streams = streams
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasSentSettings, case .byteBuffer(var frame) = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        // The first frame: settings of six bytes, a number and a value (RFC 9113 §3.4, §6.5.1).
        hasSentSettings = true
        for setting in stride(from: frame.readerIndex + HTTP2FrameScanner.headerLength, to: frame.writerIndex, by: 6)
        where frame.getInteger(at: setting) == Self.maximumConcurrentStreams {
            frame.setInteger(UInt32(streams), at: setting + 2)
        }
        context.write(wrapOutboundOut(.byteBuffer(frame)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var received = unwrapInboundIn(data)
        var passed = context.channel.allocator.buffer(
            capacity: received.readableBytes + Self.acknowledgement.count
        )
        var hasAcknowledged = false
        if isAtPreface, var preface = received.readSlice(length: HTTP2FrameScanner.prefaceLength) {
            isAtPreface = false
            passed.writeBuffer(&preface)
        }
        while !hasAcknowledged, var frame = received.readHTTP2Frame() {
            if hasReceivedSettings, Self.isAcknowledgement(frame) {
                hasAcknowledged = true
                continue
            }
            passed.writeBuffer(&frame)
            if !hasReceivedSettings { passed.writeBytes(Self.acknowledgement) }
            hasReceivedSettings = true
        }
        passed.writeBuffer(&received)
        context.fireChannelRead(wrapInboundOut(passed))
        guard hasAcknowledged else { return }
        context.fireUserInboundEventTriggered(Acknowledged())
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Whether a frame is SETTINGS with the flag ACK: other flags, and the first bit of the stream, count for nothing
    /// (RFC 9113 §4.1, §6.5).
    private static func isAcknowledgement(_ frame: ByteBuffer) -> Bool {
        var header = Array(frame.readableBytesView)
        guard header.count == acknowledgement.count, header[4] & 1 != 0 else { return false }
        header[4] = 1
        header[5] &= 0x7f
        return header == acknowledgement
    }
}

extension ByteBuffer {
    /// How long the frame is that begins at the reader index, with its header; nil if that has not come whole.
    var http2FrameLength: Int? {
        guard let high = getInteger(at: readerIndex, as: UInt16.self),
            let low = getInteger(at: readerIndex + 2, as: UInt8.self), readableBytes >= HTTP2FrameScanner.headerLength
        else { return nil }
        return HTTP2FrameScanner.headerLength + (Int(high) << 8 | Int(low))
    }

    /// Takes a frame out; nil if it has not come whole.
    fileprivate mutating func readHTTP2Frame() -> ByteBuffer? {
        http2FrameLength.flatMap { readSlice(length: $0) }
    }
}
