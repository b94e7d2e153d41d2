// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOExtras

/// Tells HTTP/2 by prior knowledge from HTTP/1.x by a connection's first bytes, then makes way for the one or the other.
///
/// An HTTP/2 client opens with a preface that no HTTP/1.x request can be (RFC 9113 §3.4). The first byte that differs
/// decides.
final class ProtocolDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let exchanges: Exchanges
    private var received = ByteBuffer()
    private var isDraining = false

    private var hasMadeWay = false

    /// How long a draining server waits for the first bytes of a connection it has accepted.
    private static let firstBytesGrace = TimeAmount.seconds(1)

    init(exchanges: Exchanges) {
        self.exchanges = exchanges
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let opening = received.readableBytesView.prefix(Self.preface.count)
        guard Self.preface.starts(with: opening) else {
            makeWay(for: [HTTP1Handler(exchanges: exchanges)], context)
            return
        }
        guard opening.count == Self.preface.count else { return }
        makeWay(for: HTTP2Handler.handlers(exchanges: exchanges), context)
    }

    private func makeWay(for handlers: [any ChannelHandler], _ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            context.close(promise: nil)
            return
        }
        hasMadeWay = true
        if isDraining { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        context.fireChannelRead(NIOAny(received))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isDraining = true
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.firstBytesGrace) {
                if !self.hasMadeWay { context.close(promise: nil) }
            }
        case ChannelEvent.inputClosed:
            // A peer that closes before it is clear what it speaks.
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }
}
