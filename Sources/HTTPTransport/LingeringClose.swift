// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// The way in which connections end, so that the client can read all that it was sent (RFC 9112 §9.6).
///
/// Closing a socket resets the connection if input is unread or comes later (another request, a WINDOW_UPDATE), and then
/// the client loses what it has not read yet. So output is closed first, and input is read and thrown away until the client
/// closes too, sends too much, or its time is up.
enum LingeringClose {
    /// Why a connection ends, which tells how long a client may take to close after us.
    enum Occasion {
        /// Behind an answer: from when all of it was handed to the system.
        case answered
        /// Nothing was asked for.
        case idle
        /// The client broke the protocol; from now on, even if it does not take what it was sent.
        case failed
    }

    private static let answeredDuration = TimeAmount.seconds(5)
    private static let idleDuration = TimeAmount.seconds(1)

    /// Closes the output as soon as everything written is sent.
    ///
    /// - Parameters:
    ///   - context: Of the connection's handler, which gets no further input.
    ///   - connection: The connection.
    ///   - occasion: Why the connection ends.
    static func begin(_ context: ChannelHandlerContext, _ connection: Connection, _ occasion: Occasion) {
        guard connection.discardInput() else {
            connection.close()
            return
        }
        let closed = context.eventLoop.makePromise(of: Void.self)
        closed.futureResult.assumeIsolated().whenComplete { result in
            guard (try? result.get()) != nil else {
                connection.close()
                return
            }
            if occasion == .answered { close(context, connection, in: answeredDuration) }
        }
        if occasion != .answered { close(context, connection, in: idleDuration) }
        context.close(mode: .output, promise: closed)
    }

    private static func close(_ context: ChannelHandlerContext, _ connection: Connection, in time: TimeAmount) {
        let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { connection.close() }
        // A client that closes meanwhile ends the channel by itself, and nothing is kept for the deadline's sake.
        context.channel.closeFuture.assumeIsolated().whenComplete { _ in deadline.cancel() }
    }
}
