// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a client may do on an HTTP/2 connection.
///
/// Beyond these, swift-nio-http2's own limits hold: 200 resets, 200 stream errors, 200 PING, SETTINGS and PRIORITY frames in
/// 30 seconds, 5 CONTINUATION frames in a row, 1 empty DATA frame in a row.
package struct HTTP2Limits: Sendable {
    /// Concurrent streams, announced as SETTINGS_MAX_CONCURRENT_STREAMS (REFUSED_STREAM beyond).
    package var streams = 100
    /// Concurrent streams of a client that has not acknowledged that limit yet (REFUSED_STREAM beyond): it may not know it
    /// (RFC 9113 §6.5.3), and gateways with many filters ask for all their modules at once.
    package var streamsBeforeAcknowledgement = 1000
    /// Streams that a client may open beyond the limit that it has acknowledged, until its connection ends (ENHANCE_YOUR_CALM).
    package var streamsBeyondLimit = 200
    /// Answers that a client always gets beside each other, if it does not take them.
    package var answers = 4
    /// Answers under way of all connections of an event loop, beyond which a client gets no more than those: what is
    /// further is refused with REFUSED_STREAM.
    ///
    /// Each answer that waits for a window holds about a kilobyte.
    package var answersPerEventLoop = 2048
    /// Frames that a client may send before any frame was sent to it.
    package var frames = 1000
    /// Further frames that each frame sent to the client entitles it to.
    package var framesPerFrameSent = 16
    /// How many bytes of content entitle it to another one.
    ///
    /// Go's client tells every 4 KiB that it has read with two WINDOW_UPDATE frames.
    package var contentPerFrame = 1 << 10

    /// The documented defaults.
    package init() {}
}
