// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// The way in which connections end, so that the peer can read all that it was sent (RFC 9112 §9.6).
///
/// Closing a socket resets the connection if input is unread or comes later (another request, a WINDOW_UPDATE), and then
/// the peer loses what it has not read yet. So output is closed first, and input is read and thrown away until the peer
/// closes too, or its time is up.
enum LingeringClose {
    /// How long a peer may take to close after us.
    private static let duration = TimeAmount.seconds(5)

    /// Closes the output as soon as everything written is sent; the handler must throw away what it still reads.
    static func begin(_ context: ChannelHandlerContext) {
        let closed = context.eventLoop.makePromise(of: Void.self)
        closed.futureResult.assumeIsolated().whenComplete { result in
            guard (try? result.get()) != nil else {
                context.close(promise: nil)
                return
            }
            let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: duration) { context.close(promise: nil) }
            // A peer that closes meanwhile ends the channel by itself, and nothing is kept for the deadline's sake.
            context.channel.closeFuture.assumeIsolated().whenComplete { _ in deadline.cancel() }
        }
        context.close(mode: .output, promise: closed)
    }
}
