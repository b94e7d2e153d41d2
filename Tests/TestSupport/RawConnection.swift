// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A connection on which a test sends bytes of its own.
package struct RawConnection: Sendable {
    private let channel: any Channel
    private let first: EventLoopFuture<Void>
    private let received: EventLoopFuture<[UInt8]>

    /// Connects to a port of this machine.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - wire: What it is to speak, which tells whether the bytes are encrypted.
    ///   - stalling: Whether the connection stops reading after the first bytes, until ``resume()``.
    ///   - staying: Whether the connection stays open when the server has closed its side.
    ///   - pair: The certificate and the key that the client presents over TLS; nil for none.
    /// - Returns: The connection.
    /// - Throws: When the port does not accept it.
    package static func open(
        port: Int,
        over wire: WireProtocol = .http1,
        stalling: Bool = false,
        staying: Bool = false,
        presenting pair: TestCertificates.Pair? = nil
    ) async throws -> RawConnection {
        let group = MultiThreadedEventLoopGroup.singleton
        let first = group.next().makePromise(of: Void.self)
        let promise = group.next().makePromise(of: [UInt8].self)
        do {
            let channel = try await ClientBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.autoRead, value: !stalling)
                .channelOption(.socketOption(.so_rcvbuf), value: stalling ? stalledBufferSize : defaultBufferSize)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try wire.secure(channel, presenting: pair)
                        try channel.pipeline.syncOperations.addHandler(Collector(first, promise, stays: staying))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            if stalling { channel.read() }
            return RawConnection(channel: channel, first: first.futureResult, received: promise.futureResult)
        } catch {
            first.fail(error)
            promise.fail(error)
            throw error
        }
    }

    /// What a stalling connection lets its socket hold, in bytes.
    private static let stalledBufferSize = 32 << 10
    private static let defaultBufferSize = 1 << 20

    /// Waits for the first bytes.
    package func awaitFirstBytes() async throws {
        try await first.get()
    }

    /// Waits until what was received is enough for a test.
    ///
    /// - Parameter isEnough: Judges all that was received so far.
    /// - Throws: If the connection ends before.
    package func awaitReceived(_ isEnough: @escaping @Sendable ([UInt8]) -> Bool) async throws {
        try await channel.eventLoop.flatSubmit { [channel] in
            let promise = channel.eventLoop.makePromise(of: Void.self)
            do {
                try channel.pipeline.syncOperations.handler(type: Collector.self).await(isEnough, promise)
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
    }

    /// Reads on.
    package func resume() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Sends bytes.
    package func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends text.
    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Sends a byte as urgent data (RFC 9293 §3.8.5), on a connection in the clear.
    package func sendUrgently(_ byte: UInt8) async throws {
        try await channel.eventLoop.submit { [channel] in
            let sent = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                unsafe withUnsafePointer(to: byte) { unsafe Foundation.send(descriptor, $0, 1, CInt(MSG_OOB)) }
            }
            guard sent == 1 else { throw ChannelError.operationUnsupported }
        }.get()
    }

    /// Says that nothing more will be sent; over TLS, with a close_notify.
    package func closeOutput() async throws {
        try await channel.close(mode: .output).get()
    }

    /// Closes the output of a TLS connection without a close_notify, as impolite clients do.
    package func closeOutputUncleanly() async throws {
        try await closeBelowTLS(.output)
    }

    /// Resets the connection.
    package func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        let isEncrypted = (try? await channel.pipeline.containsHandler(type: NIOSSLClientHandler.self).get()) != nil
        if isEncrypted { try await closeBelowTLS(.all) } else { try await channel.close() }
    }

    private func closeBelowTLS(_ mode: CloseMode) async throws {
        try await channel.eventLoop.flatSubmit {
            let closed = channel.eventLoop.makePromise(of: Void.self)
            do {
                let tls = try channel.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
                tls.close(mode: mode, promise: closed)
            } catch {
                closed.fail(error)
            }
            return closed.futureResult
        }.get()
    }

    /// Everything that was received, once the server has closed the connection.
    ///
    /// - Throws: If the connection was reset instead, or ended without TLS's close_notify, so that a client might have lost
    ///   part of it.
    package func everything() async throws -> [UInt8] {
        try await received.get()
    }

    /// Sends text on a new connection, and returns all that comes until the server closes it.
    package static func exchange(
        _ text: String,
        port: Int,
        over wire: WireProtocol = .http1
    ) async throws -> String {
        let connection = try await open(port: port, over: wire)
        try await connection.send(text)
        return String(decoding: try await connection.everything(), as: UTF8.self)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var bytes: [UInt8] = []
        private let first: EventLoopPromise<Void>
        private let stays: Bool
        private var promise: EventLoopPromise<[UInt8]>?
        private var waiting: [(isEnough: @Sendable ([UInt8]) -> Bool, promise: EventLoopPromise<Void>)] = []

        init(_ first: EventLoopPromise<Void>, _ promise: EventLoopPromise<[UInt8]>, stays: Bool) {
            self.first = first
            self.stays = stays
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            first.succeed()
            bytes += Array(unwrapInboundIn(data).readableBytesView)
            for each in waiting where each.isEnough(bytes) { each.promise.succeed() }
            waiting.removeAll { $0.isEnough(bytes) }
        }

        func `await`(_ isEnough: @escaping @Sendable ([UInt8]) -> Bool, _ promise: EventLoopPromise<Void>) {
            if isEnough(bytes) {
                promise.succeed()
            } else if self.promise == nil {
                promise.fail(ChannelError.eof)
            } else {
                waiting.append((isEnough, promise))
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case ChannelEvent.inputClosed = event else { return }
            succeed()
            if !stays { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { succeed() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            fail(error)
            promise?.fail(error)
            promise = nil
            context.close(promise: nil)
        }

        private func fail(_ error: any Error) {
            first.fail(error)
            for each in waiting { each.promise.fail(error) }
            waiting = []
        }

        private func succeed() {
            fail(ChannelError.eof)
            promise?.succeed(bytes)
            promise = nil
        }
    }
}
