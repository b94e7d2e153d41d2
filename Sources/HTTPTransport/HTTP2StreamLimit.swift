// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Has a client that opens too many streams lose those, and not its connection, as swift-nio-http2 would have it.
///
/// swift-nio-http2 ends a connection with more streams than SETTINGS_MAX_CONCURRENT_STREAMS says, and takes that for 100 until
/// the client has acknowledged it. But a client cannot keep to what it has not seen yet (RFC 9113 §6.5.3): a gateway asks for
/// all its modules in one flight with the preface. And streams beyond the limit are errors of these streams (§5.1.2).
///
/// 1. swift-nio-http2 is told of a limit that nobody reaches. In the SETTINGS frame that it sends, the real one takes its place.
/// 2. Right behind the client's own SETTINGS it is told that this frame was acknowledged.
/// 3. When the acknowledgement comes it is taken out, ``HTTP2Handler`` is told, and this handler makes way.
///
/// ``HTTP2Handler`` refuses what is too much, by REFUSED_STREAM.
final class HTTP2StreamLimit: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// A user inbound event: the client has acknowledged the limit.
    struct Acknowledged: Sendable {}

    /// What swift-nio-http2 is told: there are no more streams than that (RFC 9113 §5.1.1).
    static let unreached = 1 << 30

    private let streams: Int
    private var hasSentSettings = false
    private var hasAcknowledged = false
    /// What was received and not passed on yet: the beginning of a frame header.
    private var received = ByteBuffer()
    /// How many bytes of the preface or of a frame's payload are still to come.
    private var rest = 24
    /// How many frames have begun.
    private var frames = 0

    /// SETTINGS_MAX_CONCURRENT_STREAMS (RFC 9113 §6.5.2).
    private static let maximumConcurrentStreams: UInt16 = 3
    /// Length, type, flags and stream of a frame (RFC 9113 §4.1).
    private static let headerLength = 9
    /// The header of SETTINGS with the flag ACK (RFC 9113 §6.5).
    private static let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]

    /// A limit.
    ///
    /// - Parameter streams: What the client is told.
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
        for setting in stride(from: frame.readerIndex + Self.headerLength, to: frame.writerIndex, by: 6)
        where frame.getInteger(at: setting) == Self.maximumConcurrentStreams {
            frame.setInteger(UInt32(streams), at: setting + 2)
        }
        context.write(wrapOutboundOut(.byteBuffer(frame)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        var passed = context.channel.allocator.buffer(capacity: received.readableBytes + Self.headerLength)
        while !hasAcknowledged, pass(to: &passed) {}
        if hasAcknowledged { passed.writeBuffer(&received) }
        context.fireChannelRead(wrapInboundOut(passed))
        guard hasAcknowledged else { return }
        context.fireUserInboundEventTriggered(Acknowledged())
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Whether a frame is SETTINGS with the flag ACK; flags that are not defined count for nothing (RFC 9113 §4.1, §6.5).
    private static func isAcknowledgement(_ header: [UInt8]) -> Bool {
        header[4] & 1 != 0 && zip(header, acknowledgement).enumerated().allSatisfy { $0 == 4 || $1.0 == $1.1 }
    }

    /// Passes a part of what was received on: the rest of a payload, or a frame header if that has come whole.
    ///
    /// - Returns: Whether there may be more to pass on.
    private func pass(to passed: inout ByteBuffer) -> Bool {
        if rest > 0 {
            guard var part = received.readSlice(length: min(rest, received.readableBytes)), part.readableBytes > 0
            else {
                return false
            }
            rest -= part.readableBytes
            passed.writeBuffer(&part)
        } else {
            guard let header = received.readBytes(length: Self.headerLength) else { return false }
            hasAcknowledged = frames > 0 && Self.isAcknowledgement(header)
            guard !hasAcknowledged else { return false }
            frames += 1
            rest = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            passed.writeBytes(header)
        }
        if rest == 0, frames == 1 { passed.writeBytes(Self.acknowledgement) }
        return true
    }
}
