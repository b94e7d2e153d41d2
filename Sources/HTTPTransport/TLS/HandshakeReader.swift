// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import NIOCore

/// Notes what a client says without encryption while the handshake lasts, for whoever has to explain why it failed.
final class HandshakeReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// What came first: a ClientHello, or the beginning of one.
    private(set) var beginning: ByteBuffer?
    /// The name of the alert.
    private(set) var alert: String?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if beginning == nil { beginning = bytes }
        alert = TLSAlert.name(inRecord: bytes.readableBytesView) ?? alert
        context.fireChannelRead(data)
    }
}
