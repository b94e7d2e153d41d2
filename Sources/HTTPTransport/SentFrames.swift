// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP2

/// Looks at the frames that swift-nio-http2 sends.
///
/// Each entitles the client to some of its own. And a GOAWAY with an error says that swift-nio-http2 has given the
/// connection up, of which it tells its handlers only by an error that looks like that of a single stream.
final class SentFrames: NIOHTTP2FrameDelegate {
    private let meter: HTTP2FrameMeter
    /// Why swift-nio-http2 has given the connection up.
    private(set) var failure: HTTP2ErrorCode?

    init(meter: HTTP2FrameMeter) {
        self.meter = meter
    }

    func wroteFrame(_ frame: HTTP2Frame) {
        if case .data(let content) = frame.payload {
            meter.frameWasSent(content: content.data.readableBytes)
        } else {
            meter.frameWasSent(content: 0)
        }
        if case .goAway(_, let code, _) = frame.payload, code != .noError { failure = code }
    }
}
