// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP2

/// Looks at the frames that swift-nio-http2 sends.
///
/// Each entitles the client to some of its own. And a GOAWAY with an error says that swift-nio-http2 has given the
/// connection up; its handlers learn of that only by an error that looks like that of a single stream.
final class OutboundFrameObserver: NIOHTTP2FrameDelegate {
    private let meter: HTTP2FrameMeter
    private let readGate: HTTP2ReadGate
    private let streams: HTTP2Streams
    private let pipeline: ChannelPipeline
    /// Why swift-nio-http2 has given the connection up.
    private(set) var failure: HTTP2ErrorCode?

    /// An observer of what is sent on a connection, in whose pipeline the meter is nearer to the socket than
    /// swift-nio-http2.
    init(meter: HTTP2FrameMeter, readGate: HTTP2ReadGate, streams: HTTP2Streams, pipeline: ChannelPipeline) {
        self.meter = meter
        self.readGate = readGate
        self.streams = streams
        self.pipeline = pipeline
    }

    func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        case .data(let content):
            meter.frameWasSent(content: content.data.readableBytes)
            streams.sent(content.data.readableBytes, on: frame.streamID)
        case .goAway(let last, let code, _) where code != .noError:
            failure = code
            guard last != streams.last else { return }
            // The frame is made, and written next.
            try? pipeline.syncOperations.addHandler(GoAwayCorrection(last: streams.last), position: .after(meter))
        default:
            readGate.frameWasWritten()
            meter.frameWasSent(content: 0)
        }
    }
}
