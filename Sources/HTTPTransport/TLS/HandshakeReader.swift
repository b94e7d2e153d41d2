// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import NIOCore

/// Reads what a client says without encryption while the handshake lasts: what it offers to speak, and what explains a failure.
///
/// Who offers protocols of which none is spoken here gets the alert no_application_protocol (RFC 7301 §3.2). BoringSSL would
/// send it, but swift-nio-ssl always has it go on without a protocol.
final class HandshakeReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What came first: a ClientHello, or the beginning of one.
    private(set) var beginning: ByteBuffer?
    /// The name of the alert.
    private(set) var alert: String?
    /// Reads the ClientHello; nil once that is complete or is none.
    private var helloReader: ClientHelloReader? = ClientHelloReader()

    /// What later handlers are told of a client that was sent the alert; nothing more of it comes to them.
    struct NoSharedProtocol {
        /// What it offers.
        let offered: OfferedProtocols
    }

    /// A fatal alert, no_application_protocol (RFC 8446 §6.2), in a record that is not encrypted (§5.1).
    private static let noApplicationProtocol: [UInt8] = [21, 3, 3, 0, 2, 2, 120]

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if beginning == nil { beginning = bytes }
        alert = TLSAlert.name(inRecord: bytes.readableBytesView) ?? alert
        if let offered = offered(in: bytes.readableBytesUInt8Span), !offered.includesSpoken {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Self.noApplicationProtocol)), promise: nil)
            context.fireUserInboundEventTriggered(NoSharedProtocol(offered: offered))
        } else {
            context.fireChannelRead(data)
        }
    }

    /// What the ClientHello offers that is complete with these bytes; nil if none is, or if it offers nothing.
    private func offered(in bytes: Span<UInt8>) -> OfferedProtocols? {
        switch helloReader?.read(bytes) {
        case .complete(let hello)?:
            helloReader = nil
            return OfferedProtocols(clientHello: hello.span)
        case .other?:
            helloReader = nil
            return nil
        case .incomplete?, nil: return nil
        }
    }
}
