// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService
internal import NIOCore

/// Accepts at a listening socket of SwiftNIO what its gate lets in.
///
/// SwiftNIO accepts several connections at a time, so it is told how many there is room for.
final class AcceptHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let gate: AcceptGate
    private let cause: ListenerFailure.Cause
    /// How many connections SwiftNIO accepts at a time.
    private var acceptedAtATime = 0
    /// How many were accepted up to now.
    private(set) var acceptedCount = 0

    /// The most connections that are accepted at a time, so that others of this event loop get their turn.
    private static let mostAtATime = 4

    /// A handler of a gate; `cause` learns of every error of accept(2).
    init(_ gate: AcceptGate, _ cause: ListenerFailure.Cause) {
        (self.gate, self.cause) = (gate, cause)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        gate.whenPauseChanges {
            eventLoop.execute {
                let (handler, context) = loopBound.value
                handler.pauseChanged(context)
            }
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        adaptToRoom(context)
        context.fireChannelActive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        adaptToRoom(context)
        context.fireChannelReadComplete()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        acceptedCount += 1
        guard gate.mayAccept() else {
            channel.close(promise: nil)
            return
        }
        guard let client = channel.remoteAddress.flatMap(ClientAddress.init), gate.isWelcome(client) else {
            gate.removed(nil)
            channel.close(promise: nil)
            return
        }
        let gate = gate
        channel.closeFuture.whenComplete { _ in gate.removed(client) }
        context.fireChannelRead(data)
        gate.pauseIfFull(schedule(context))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        cause.heard(error)
        guard let error = error as? IOError else {
            context.fireErrorCaught(error)
            return
        }
        // SwiftNIO tries again at once, and then has a descriptor, or is told to pause.
        _ = gate.acceptFailed(error.errnoCode, schedule(context))
    }

    private func schedule(_ context: ChannelHandlerContext) -> ConnectionRegistry.Schedule {
        let eventLoop = context.eventLoop
        return { time, action in eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time), action) }
    }

    private func pauseChanged(_ context: ChannelHandlerContext) {
        adaptToRoom(context)
        // It fails once the socket is closed, when there is nothing left to accept.
        try? context.channel.syncOptions?.setOption(.autoRead, value: !gate.isPaused)
    }

    private func adaptToRoom(_ context: ChannelHandlerContext) {
        let count = max(min(gate.room, Self.mostAtATime), 1)
        guard count != acceptedAtATime else { return }
        acceptedAtATime = count
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: UInt(count))
    }
}
