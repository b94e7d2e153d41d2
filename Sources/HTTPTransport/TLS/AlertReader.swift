// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import NIOCore

/// Notes the alert that a client sends without encryption while the handshake lasts.
final class AlertReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The name of the alert.
    private(set) var alert: String?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        alert = TLSAlert.name(inRecord: unwrapInboundIn(data).readableBytesView) ?? alert
        context.fireChannelRead(data)
    }
}
