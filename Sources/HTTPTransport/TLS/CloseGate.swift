// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Keeps the socket below TLS open while its client has not taken everything.
///
/// Behind its close_notify swift-nio-ssl closes the socket's output, and with the client's close_notify the socket. Then nobody would
/// watch what the system still holds for a client that does not take it.
final class CloseGate: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    /// Whether the output stays open, and the socket as long as the client has not taken everything.
    var isHeld = false
    private unowned let socket: ChannelSocket

    /// The gate of a socket, which holds it.
    init(of socket: ChannelSocket) {
        self.socket = socket
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isHeld, mode == .output || socket.hasUnacknowledgedOutput {
            promise?.succeed()
        } else {
            context.close(mode: mode, promise: promise)
        }
    }
}
