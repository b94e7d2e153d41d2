// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Encrypts what is written to a TLS connection in portions, so that the socket's state shows in between.
///
/// Whatever is flushed there is encrypted at once, into memory of its own. swift-nio-http2 flushes once for all that the
/// client's windows allow, which can be every module on a hundred streams; but it stops writing when the channel is full.
final class FlushChunker: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let portion: Int
    private var unflushed = 0

    /// A pacer that flushes after so many bytes.
    init(portion: Int) {
        self.portion = portion
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        unflushed += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
        if unflushed >= portion { flush(context: context) }
    }

    func flush(context: ChannelHandlerContext) {
        unflushed = 0
        context.flush()
    }
}
