// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Writes answers on an HTTP/1.x connection: one at a time, and as the socket has room for it.
///
/// It lives on the connection's event loop.
final class HTTP1Output {
    private let connection: Connection
    private let listener: ListenerContext
    /// What is left of an answer that is sent a slice at a time.
    private var slices: SlicedContent?

    init(_ connection: Connection) {
        self.connection = connection
        listener = connection.listener
    }

    /// Writes an answer without content, or with a few bytes.
    func writeSmall(_ answer: HTTP1Answer, promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        let head = answer.head(allocator: context.channel.allocator, date: listener.date.line)
        context.write(NIOAny(IOData.byteBuffer(head)), promise: promise)
    }

    /// Writes an answer; the promise is kept when its last byte was handed to the system.
    func write(_ answer: HTTP1Answer, promise: EventLoopPromise<Void>, _ context: ChannelHandlerContext) {
        guard let content = answer.content else {
            writeSmall(answer, promise: promise, context)
            return
        }
        writeSmall(answer, promise: nil, context)
        switch content {
        case .blob(let blob, let range) where connection.isEncrypted:
            writeSlices(of: blob.slice(range), promise: promise, context)
        case .bytes(let bytes) where connection.isEncrypted:
            writeSlices(of: bytes, promise: promise, context)
        case .blob(let blob, let range):
            let content = BlobContent(blob, range)
            promise.futureResult.assumeIsolated().whenComplete { _ in content.release() }
            context.write(NIOAny(content.data), promise: promise)
        case .bytes(let bytes):
            context.write(NIOAny(IOData.byteBuffer(bytes)), promise: promise)
        }
    }

    private func writeSlices(of bytes: ByteBuffer, promise: EventLoopPromise<Void>, _ context: ChannelHandlerContext) {
        slices = SlicedContent(bytes, size: listener.limits.connections.bufferedOutput, promise: promise)
        writeSlices(context)
    }

    /// Goes on with an answer that is sent a slice at a time, now that the socket has room.
    func writeSlices(_ context: ChannelHandlerContext) {
        // Taken out meanwhile: sending the last slice can begin the next answer.
        guard var slices else { return }
        self.slices = nil
        if slices.writeNext(context) { return }
        guard context.channel.isActive else {
            // The connection has broken meanwhile.
            slices.fail()
            return
        }
        self.slices = slices
    }

    /// Gives up: the connection has ended.
    func fail() {
        slices?.fail()
        slices = nil
    }
}
