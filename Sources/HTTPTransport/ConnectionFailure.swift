// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOHTTP2

/// Notices that swift-nio-http2 has given a connection up: it tells the peer by a GOAWAY with an error, and this handler
/// by an error that looks like that of a single stream.
final class ConnectionFailure: NIOHTTP2FrameDelegate {
    private(set) var hasOccurred = false

    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { hasOccurred = true }
    }
}
