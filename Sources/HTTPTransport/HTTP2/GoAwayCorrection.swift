// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP2

/// Has the GOAWAY frame that is about to be sent name the last stream that was answered (RFC 9113 §6.8), then makes way.
///
/// Where swift-nio-http2 gives a connection up, it names the largest stream or none: then a client takes what was never looked
/// at for answered, or what was answered for lost.
final class GoAwayCorrection: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let last: HTTP2StreamID

    /// Where the last stream is in a GOAWAY frame: behind its header.
    private static let offset = 9

    init(last: HTTP2StreamID) {
        self.last = last
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var data = unwrapOutboundIn(data)
        if case .byteBuffer(var frame) = data {
            frame.setInteger(UInt32(Int(last)), at: frame.readerIndex + Self.offset)
            data = .byteBuffer(frame)
        }
        context.write(wrapOutboundOut(data), promise: promise)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
