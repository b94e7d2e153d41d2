// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOHTTP2

/// The streams of an HTTP/2 connection on which an answer is under way.
///
/// It lives on the connection's event loop.
final class HTTP2Streams {
    /// How many answers there may be at once; those beyond are refused.
    private(set) var limit: Int
    /// Whether the client has acknowledged the limit.
    private(set) var limitIsKnown = false
    /// The last one that the client has opened.
    private(set) var last = HTTP2StreamID.rootStream
    /// How many answers there are, with those that are still awaited.
    private(set) var answers = 0
    /// Where the responder has promised an answer, and whether the stream is still open.
    private var awaited: [HTTP2StreamID: Bool] = [:]
    /// Where the client has not ended its request.
    private var unendedRequests: Set<HTTP2StreamID> = []

    /// No streams yet.
    ///
    /// - Parameter limit: How many answers there may be as long as the client may not know the limit.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes note that the client has acknowledged the limit.
    func limitBecameKnown(_ limit: Int) {
        self.limit = limit
        limitIsKnown = true
    }

    /// Whether there ever was one.
    var haveBegun: Bool { last != .rootStream }

    /// How many answers are being sent.
    var sending: Int { answers - awaited.count }

    /// Whether the responder owes any answer.
    var areAwaited: Bool { !awaited.isEmpty }

    /// Takes note of a HEADERS frame.
    ///
    /// - Returns: Whether it opens a stream; else it is trailers.
    func open(_ stream: HTTP2StreamID) -> Bool {
        guard stream > last else { return false }
        last = stream
        return true
    }

    /// Counts the answer to a request.
    func begin(_ stream: HTTP2StreamID, requestHasEnded: Bool) {
        answers += 1
        if !requestHasEnded { unendedRequests.insert(stream) }
    }

    /// Takes note that the client has ended its request.
    func requestEnded(on stream: HTTP2StreamID) {
        unendedRequests.remove(stream)
    }

    /// Takes note that the responder has promised the answer.
    func await(_ stream: HTTP2StreamID) {
        awaited[stream] = true
    }

    /// Takes note that a stream is no more.
    ///
    /// An answer that is awaited counts nevertheless until it comes, as it costs something until then.
    func closed(_ stream: HTTP2StreamID) {
        guard areAwaited, awaited[stream] != nil else { return }
        awaited[stream] = false
    }

    /// Takes note that a promised answer has come.
    ///
    /// - Returns: Whether the stream is still open.
    func delivered(_ stream: HTTP2StreamID) -> Bool {
        awaited.removeValue(forKey: stream) ?? false
    }

    /// Counts an answer no longer.
    ///
    /// - Returns: Whether the client has ended its request.
    func end(_ stream: HTTP2StreamID) -> Bool {
        answers -= 1
        return unendedRequests.remove(stream) == nil
    }
}
