// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Throws input away before anyone else sees it, and closes when it is too much.
final class DiscardingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var remaining: Int

    init(limit: Int) {
        remaining = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        remaining -= unwrapInboundIn(data).readableBytes
        if remaining < 0 { context.close(promise: nil) }
    }
}
