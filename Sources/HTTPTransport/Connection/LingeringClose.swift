// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// The way in which connections end, so that the client can read all that it was sent (RFC 9112 §9.6).
///
/// Closing a socket resets the connection if input is unread or comes later (another request, a WINDOW_UPDATE), and then
/// the client loses what it has not read yet. So output is closed first, and input is read and thrown away until the client
/// closes too, sends too much, or its time is up. All that begins when the client has taken what it was sent: until then it
/// is watched like any that is sent an answer.
final class LingeringClose {
    /// Why a connection ends, which tells how long a client may take to close after us.
    enum Occasion {
        /// Behind an answer: from when the client has taken all of it.
        case answered
        /// Nothing was asked for.
        case idle
        /// The client broke the protocol; from now on, even if it does not take what it was sent.
        case failed
    }

    private static let answeredDuration = TimeAmount.seconds(5)
    private static let idleDuration = TimeAmount.seconds(1)
    /// How often it is looked whether the client has taken everything.
    private static let lookInterval = TimeAmount.seconds(1)

    private let connection: Connection
    private let eventLoop: any EventLoop
    private let occasion: Occasion
    private var deadline: Scheduled<Void>?

    private init(_ connection: Connection, on eventLoop: any EventLoop, _ occasion: Occasion) {
        (self.connection, self.eventLoop, self.occasion) = (connection, eventLoop, occasion)
    }

    /// Closes the output as soon as everything written is taken; the context's handler gets no further input.
    static func begin(_ context: ChannelHandlerContext, _ connection: Connection, _ occasion: Occasion) {
        guard connection.discardInput() else {
            connection.close()
            return
        }
        let lingering = LingeringClose(connection, on: context.eventLoop, occasion)
        let closed = context.eventLoop.makePromise(of: Void.self)
        closed.futureResult.assumeIsolated().whenComplete { result in
            guard (try? result.get()) != nil else {
                connection.close()
                return
            }
            if occasion == .answered { lingering.close(in: answeredDuration) }
        }
        if occasion != .answered { lingering.close(in: idleDuration) }
        // A client that closes meanwhile ends the channel by itself, and nothing is kept for the deadline's sake.
        context.channel.closeFuture.assumeIsolated().whenComplete { _ in lingering.deadline?.cancel() }
        connection.whenEverythingIsTaken { context.close(mode: .output, promise: closed) }
    }

    private func close(in time: TimeAmount) {
        deadline = eventLoop.assumeIsolated().scheduleTask(in: time) {
            if self.occasion != .failed, self.connection.hasUnacknowledgedOutput {
                self.close(in: Self.lookInterval)
            } else {
                self.connection.close()
            }
        }
    }
}

/// Throws input away before anyone else sees it, and closes when it is too much.
final class DiscardingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var remaining: Int
    private let close: () -> Void

    /// A handler that throws so many bytes away, and calls `close` when there are more.
    init(limit: Int, close: @escaping () -> Void) {
        remaining = limit
        self.close = close
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        remaining -= unwrapInboundIn(data).readableBytes
        if remaining < 0 { close() }
    }
}
