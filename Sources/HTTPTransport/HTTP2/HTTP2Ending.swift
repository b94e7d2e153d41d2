// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOHTTP2

/// How an HTTP/2 connection ends: in a graceful shutdown, because its client leaves, or because it has to.
///
/// It lives on the connection's event loop.
final class HTTP2Ending {
    private let connection: Connection
    private let meter: HTTP2FrameMeter
    private let streams: HTTP2Streams
    private var drain = HTTP2Drain()
    /// Whether the end has begun: nothing more is read or begun.
    private(set) var hasBegun = false
    /// Whether the client will send nothing more; it still gets what it has asked for.
    private var inputHasEnded = false

    /// How often it is looked whether a client that has closed its side was sent all that it can get.
    private static let sentCheckInterval = TimeAmount.seconds(1)

    init(_ connection: Connection, _ meter: HTTP2FrameMeter, _ streams: HTTP2Streams) {
        self.connection = connection
        self.meter = meter
        self.streams = streams
    }

    // MARK: Graceful shutdown

    /// Announces that the connection will end.
    func announce(_ context: ChannelHandlerContext) {
        guard drain.begin() else { return }
        announceEnd(context)
        context.write(.ping(HTTP2Drain.ping, ack: false), on: .rootStream)
        context.flush()
        context.eventLoop.assumeIsolated().scheduleTask(in: connection.listener.limits.deadlines.roundTrip) {
            self.announcementHasArrived(context)
        }
    }

    /// Names the last request that is answered, as the client knows by now that it should send no other.
    func announcementHasArrived(_ context: ChannelHandlerContext) {
        guard context.channel.isActive, drain.roundTripEnded() else { return }
        goAway(streams.last, .noError, context)
        context.flush()
        endIfDone(context)
    }

    // MARK: The client

    /// Records that the client is about to leave (RFC 9113 §6.8).
    func clientLeaves(_ context: ChannelHandlerContext) {
        drain.clientLeaves()
        endIfDone(context)
    }

    /// Records that the client has closed its side.
    func inputEnded(_ context: ChannelHandlerContext) {
        inputHasEnded = true
        endIfDone(context)
        endWhenSent(context)
    }

    // MARK: The end

    /// Ends the connection if it is to end and every answer is sent.
    func endIfDone(_ context: ChannelHandlerContext) {
        guard drain.isFinal || inputHasEnded, streams.answers == 0 else { return }
        end(context, streams.haveBegun ? .answered : .idle)
    }

    /// Ends a connection whose client sends nothing more, not even a WINDOW_UPDATE, once all that it left room for is sent.
    private func endWhenSent(_ context: ChannelHandlerContext) {
        guard !hasBegun, context.channel.isActive else { return }
        guard streams.areAwaited || connection.unsentBytes > 0 else {
            end(context, .answered)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.sentCheckInterval) { self.endWhenSent(context) }
    }

    /// Ends a connection whose client has done or left undone what it must not.
    func giveUp(_ code: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        goAway(streams.last, code, context)
        context.flush()
        end(context, .failed)
    }

    /// Ends a connection that swift-nio-http2 has given up.
    func fail(for failure: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        if !hasBegun { connection.end(for: failure == .enhanceYourCalm ? .flood : .protocolError) }
        end(context, .failed)
    }

    private func end(_ context: ChannelHandlerContext, _ occasion: LingeringClose.Occasion) {
        guard !hasBegun else { return }
        hasBegun = true
        meter.end()
        if inputHasEnded {
            connection.finish()
        } else {
            LingeringClose.begin(context, connection, occasion)
        }
    }

    /// Says GOAWAY with the largest stream identifier: requests that are on their way are still answered (RFC 9113 §6.8).
    ///
    /// The frame goes past swift-nio-http2, which would refuse every stream from then on.
    private func announceEnd(_ context: ChannelHandlerContext) {
        let frames = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self)
        frames?.write(NIOAny(IOData.byteBuffer(ByteBuffer(bytes: Self.announcement))), promise: nil)
    }

    /// Length, type, flags and stream 0; the largest stream identifier, NO_ERROR (RFC 9113 §4.1, §6.8).
    private static let announcement: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]

    private func goAway(_ last: HTTP2StreamID, _ code: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        context.write(.goAway(lastStreamID: last, errorCode: code, opaqueData: nil), on: .rootStream)
    }
}
