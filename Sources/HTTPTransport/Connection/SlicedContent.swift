// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Content on its way into a TLS connection: a slice at a time.
///
/// Whatever is written there is encrypted at once, into memory of its own. So the next slice waits until the socket has
/// room for it, and a client that takes nothing holds no more than one.
struct SlicedContent {
    private var rest: ByteBuffer
    private let size: Int
    private let promise: EventLoopPromise<Void>

    /// A content.
    ///
    /// - Parameters:
    ///   - bytes: All of it.
    ///   - size: The largest slice, in bytes.
    ///   - promise: Is kept when the last slice was handed to the system.
    init(_ bytes: ByteBuffer, size: Int, promise: EventLoopPromise<Void>) {
        rest = bytes
        self.size = size
        self.promise = promise
    }

    /// Writes slices for as long as the socket takes them.
    ///
    /// - Returns: Whether the last one was written.
    mutating func writeNext(_ context: ChannelHandlerContext) -> Bool {
        while context.channel.isWritable {
            guard let slice = rest.readSlice(length: min(size, rest.readableBytes)) else { return true }
            let isLast = rest.readableBytes == 0
            context.writeAndFlush(NIOAny(IOData.byteBuffer(slice)), promise: isLast ? promise : nil)
            if isLast { return true }
        }
        return false
    }

    /// Gives up: the connection has ended.
    func fail() {
        promise.fail(ChannelError.ioOnClosedChannel)
    }
}
