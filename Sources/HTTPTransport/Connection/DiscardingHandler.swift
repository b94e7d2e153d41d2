// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Throws input away before anyone else sees it, and closes when it is too much.
final class DiscardingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var remaining: Int
    private let close: () -> Void

    /// A handler that bounds what it throws away.
    ///
    /// - Parameters:
    ///   - limit: How many bytes.
    ///   - close: Closes the connection; called when there were more.
    init(limit: Int, close: @escaping () -> Void) {
        remaining = limit
        self.close = close
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        remaining -= unwrapInboundIn(data).readableBytes
        if remaining < 0 { close() }
    }
}
