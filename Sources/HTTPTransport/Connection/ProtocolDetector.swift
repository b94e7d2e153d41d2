// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore
internal import NIOExtras
internal import NIOHTTP2

/// Tells HTTP/2 by prior knowledge from HTTP/1.x by a connection's first bytes, then makes way for the one or the other.
///
/// An HTTP/2 client opens with a preface that no HTTP/1.x request can be (RFC 9113 §3.4). The first byte that differs
/// decides. Over TLS it is the same: what ALPN has settled, the first bytes say again.
final class ProtocolDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let connection: Connection
    private var received = ByteBuffer()
    private var isSecured: Bool
    private var isDraining = false
    private var hasMadeWay = false

    init(_ connection: Connection) {
        self.connection = connection
        isSecured = !connection.expectsTLS
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let opening = received.readableBytesView.prefix(Self.preface.count)
        guard connection.listener.limits.includesHTTP2, Self.preface.starts(with: opening) else {
            let handler = HTTP1Handler(connection)
            makeWay(for: [handler], protocolHandler: handler, context)
            return
        }
        guard opening.count == Self.preface.count else { return }
        makeWayForHTTP2(context)
    }

    private func makeWayForHTTP2(_ context: ChannelHandlerContext) {
        let limits = connection.listener.limits
        let pipeline = context.pipeline
        let streams = HTTP2Streams(limit: limits.http2.streamsBeforeAcknowledgement)
        let gate = HTTP2ReadGate(connection, streams)
        let meter = HTTP2FrameMeter(limits: limits.http2, mayPass: { gate.mayPass() }) {
            pipeline.fireUserInboundEventTriggered(HTTP2FrameMeter.Flood())
        }
        let limit = HTTP2StreamLimit(streams: limits.http2.streams)
        let outboundFrames = OutboundFrameObserver(meter: meter, readGate: gate, streams: streams, pipeline: pipeline)
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: HTTP2StreamLimit.unreached),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.head.block),
        ]
        let frames = NIOHTTP2Handler(
            mode: .server,
            frameDelegate: outboundFrames,
            connectionConfiguration: configuration
        )
        let handler = HTTP2Handler(
            connection,
            meter: meter,
            streams: streams,
            readGate: gate,
            outboundFrames: outboundFrames
        )
        let chunker = connection.isEncrypted ? [FlushChunker(portion: limits.connections.bufferedOutput)] : []
        makeWay(for: chunker + [meter, limit, frames, handler], protocolHandler: handler, context)
    }

    private func makeWay(
        for handlers: [any ChannelHandler],
        protocolHandler: any ProtocolHandler,
        _ context: ChannelHandlerContext
    ) {
        do {
            // From the socket on: each may write as soon as it is added, through those before it.
            var last: any ChannelHandler = self
            for handler in handlers {
                try context.pipeline.syncOperations.addHandler(handler, position: .after(last))
                last = handler
            }
        } catch {
            connection.close()
            return
        }
        connection.protocolHandler = protocolHandler
        hasMadeWay = true
        if isDraining { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        context.fireChannelRead(NIOAny(received))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is HandshakeHandler.Completed:
            isSecured = true
        case is ChannelShouldQuiesceEvent:
            isDraining = true
            context.eventLoop.assumeIsolated().scheduleTask(in: connection.listener.limits.deadlines.roundTrip) {
                if !self.hasMadeWay { self.connection.close() }
            }
        case is ConnectionTimeout, ChannelEvent.inputClosed:
            // It is not even clear what the client speaks.
            connection.close()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }
}

extension ProtocolDetector: ProtocolHandler {
    var hasAsked: Bool { false }

    var waitState: WaitState { isSecured ? WaitState(head: 0) : WaitState(handshake: 0) }
}
