// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP2

/// How far the graceful shutdown of an HTTP/2 connection has got (RFC 9113 §6.8).
///
/// 1. It is announced by a GOAWAY that names no stream, and a PING.
/// 2. When the PING comes back, every request is here that was sent before the client knew: a second GOAWAY names the last.
/// 3. When all of them are answered, the connection ends.
struct HTTP2Drain {
    private enum State {
        case notBegun
        case announced
        case final
    }

    /// What the PING carries.
    static let ping = HTTP2PingData(withInteger: 0x7761_736d_6472_6169)

    private var state = State.notBegun

    /// Whether no other request will be answered.
    var isFinal: Bool { state == .final }

    /// Begins it; whether it is to be announced: not if it was, or if the client leaves by itself.
    mutating func begin() -> Bool {
        guard state == .notBegun else { return false }
        state = .announced
        return true
    }

    /// Goes on, now that the PING has come back or was waited for long enough; whether the last stream is to be named.
    mutating func roundTripEnded() -> Bool {
        guard state == .announced else { return false }
        state = .final
        return true
    }

    /// Records that the client has sent a GOAWAY: it will ask for nothing more.
    mutating func clientLeaves() {
        state = .final
    }
}

/// Writes the last stream that was answered into the GOAWAY frame that is about to be sent (RFC 9113 §6.8), then makes way.
///
/// Where swift-nio-http2 gives a connection up, it names the largest stream or none: then a client takes what was never looked
/// at for answered, or what was answered for lost.
final class GoAwayCorrection: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let last: HTTP2StreamID

    /// Where the last stream is in a GOAWAY frame: behind its header.
    private static let offset = 9

    init(last: HTTP2StreamID) {
        self.last = last
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var data = unwrapOutboundIn(data)
        if case .byteBuffer(var frame) = data {
            frame.setInteger(UInt32(Int(last)), at: frame.readerIndex + Self.offset)
            data = .byteBuffer(frame)
        }
        context.write(wrapOutboundOut(data), promise: promise)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
