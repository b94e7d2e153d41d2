// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import NIOPosix

extension ServerClient {
    /// Sends bytes on a plain connection, and takes the first that come back.
    ///
    /// - Throws: ``FetchError``, also if nothing comes back.
    package func exchange(_ bytes: [UInt8], with address: SocketAddress) async throws(FetchError) -> [UInt8] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [UInt8].self)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(FetchError.timedOut(afterConnecting: true))
        }
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(timeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FirstBytes(promise))
                    }
                }
                .connect(to: address).get()
            defer {
                deadline.cancel()
                channel.close(promise: nil)
            }
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            return try await promise.futureResult.get()
        } catch {
            deadline.cancel()
            promise.fail(error)
            throw Self.failure(error)
        }
    }
}

/// Keeps a promise of the first bytes of a connection.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<[UInt8]>

    init(_ promise: EventLoopPromise<[UInt8]>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        promise.succeed(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(FetchError.cut) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(FetchError.cut)
        context.close(promise: nil)
    }
}
