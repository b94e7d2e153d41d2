// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
internal import NIOHTTP2

/// The streams of an HTTP/2 connection on which an answer is under way.
///
/// It lives on the connection's event loop. Streams are opened in the order of their numbers (RFC 9113 §5.1.1) and end mostly in
/// that order, so they are kept in it: those that have ended are removed together.
final class HTTP2Streams {
    /// A request, and how far its answer is.
    private struct Exchange {
        enum Answer {
            /// The responder has promised it.
            case awaited
            /// It is awaited, but nobody will get it: the stream is closed.
            case abandoned
            /// It is being sent.
            case sending
            /// It is sent, or nobody will get it.
            case ended
        }

        let stream: HTTP2StreamID
        /// Whether the client has ended its request.
        var requestHasEnded: Bool
        var answer = Answer.sending
        /// How much more content than ``initialWindow`` the client allows to be sent now, in bytes.
        var allowance = 0
        /// How much content was sent, in bytes.
        var sent = 0
        /// The life of the module that is sent, and when the request came.
        var module: (life: SealedLife, since: NIODeadline)?
        /// Since when a window is empty, its own or the connection's, as the last look saw it, and how much was sent then, on the
        /// stream and on all streams.
        var stall: (since: NIODeadline, sent: Int, sentOnAll: Int)?
    }

    /// How many answers there may be at once; those beyond are refused.
    private(set) var limit: Int
    /// Whether the client has acknowledged the limit.
    private(set) var limitIsKnown = false
    /// The last one that the client has opened.
    private(set) var last = HTTP2StreamID.rootStream
    /// How many answers are awaited.
    private var awaited = 0
    /// How many answers there are, with those that are still awaited.
    private(set) var answers = 0
    private var exchanges: [Exchange] = []
    /// The window of a new stream, in bytes: SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2).
    private var initialWindow = 65_535
    /// How much content the client allows to be sent now on all streams together, in bytes (RFC 9113 §6.9.2).
    private var connectionWindow = 65_535
    /// How much content was sent, in bytes.
    private var sent = 0

    /// How many that have ended may be left beside as many that have not, and how much room is kept when all have ended.
    private static let mostEnded = 32

    /// No streams yet; as long as the client may not know the limit, there may be so many answers.
    init(limit: Int) {
        self.limit = limit
    }

    /// Records that the client has acknowledged the limit.
    func limitBecameKnown(_ limit: Int) {
        self.limit = limit
        limitIsKnown = true
    }

    /// Whether there ever was one.
    var haveBegun: Bool { last != .rootStream }

    /// How many answers are being sent.
    var sending: Int { answers - awaited }

    /// Whether the responder owes any answer.
    var areAwaited: Bool { awaited > 0 }

    /// Records a HEADERS frame, and returns whether it opens a stream, rather than being trailers.
    func openIfNew(_ stream: HTTP2StreamID) -> Bool {
        guard stream > last else { return false }
        last = stream
        return true
    }

    /// Counts the answer to a request.
    func begin(_ stream: HTTP2StreamID, requestHasEnded: Bool) {
        answers += 1
        exchanges.append(Exchange(stream: stream, requestHasEnded: requestHasEnded))
    }

    /// Records that the client has ended its request.
    func requestEnded(on stream: HTTP2StreamID) {
        guard let index = index(of: stream) else { return }
        exchanges[index].requestHasEnded = true
    }

    /// Records that the responder has promised the answer.
    func answerDeferred(on stream: HTTP2StreamID) {
        guard let index = index(of: stream) else { return }
        exchanges[index].answer = .awaited
        awaited += 1
    }

    /// Records that a module is sent.
    func sends(_ life: SealedLife, since start: NIODeadline, on stream: HTTP2StreamID) {
        guard let index = index(of: stream) else { return }
        exchanges[index].module = (life, start)
    }

    /// Records that a stream is no more.
    ///
    /// An answer that is awaited counts nevertheless until it comes, as it costs something until then.
    func closed(_ stream: HTTP2StreamID) {
        guard areAwaited, let index = index(of: stream), exchanges[index].answer == .awaited else { return }
        exchanges[index].answer = .abandoned
    }

    /// Records that a promised answer has come, and returns whether the stream is still open.
    func delivered(_ stream: HTTP2StreamID) -> Bool {
        guard let index = index(of: stream) else { return false }
        defer { exchanges[index].answer = .sending }
        awaited -= 1
        return exchanges[index].answer == .awaited
    }

    /// Stops counting an answer; whether the client has ended its request.
    func end(_ stream: HTTP2StreamID) -> Bool {
        guard let index = index(of: stream) else { return true }
        let requestHasEnded = exchanges[index].requestHasEnded
        exchanges[index].answer = .ended
        exchanges[index].module = nil
        answers -= 1
        if answers == 0 {
            exchanges.removeAll(keepingCapacity: exchanges.capacity <= Self.mostEnded)
        } else if exchanges.count > 2 * answers + Self.mostEnded {
            exchanges.removeAll { $0.answer == .ended }
        }
        return requestHasEnded
    }

    /// Where a stream is whose answer has not ended; it is looked for by halves.
    private func index(of stream: HTTP2StreamID) -> Int? {
        var range = exchanges.startIndex..<exchanges.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let exchange = exchanges[middle]
            if exchange.stream == stream { return exchange.answer == .ended ? nil : middle }
            range = exchange.stream < stream ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    // MARK: Flow control

    /// Records that the client has changed the window of all streams; one may be negative then (RFC 9113 §6.9.2).
    func initialWindowBecame(_ size: Int) {
        initialWindow = size
    }

    /// Records WINDOW_UPDATE.
    func windowGrew(by increment: Int, on stream: HTTP2StreamID) {
        if stream == .rootStream {
            connectionWindow += increment
        } else if let index = index(of: stream) {
            exchanges[index].allowance += increment
        }
    }

    /// Records DATA that is sent.
    func sent(_ count: Int, on stream: HTTP2StreamID) {
        connectionWindow -= count
        sent += count
        guard let index = index(of: stream) else { return }
        exchanges[index].allowance -= count
        exchanges[index].sent += count
    }

    /// The streams whose client has for too long allowed nothing to be sent, or next to nothing, and those that have for too long
    /// held a module whose memory is needed.
    ///
    /// A stream that waits for the socket is none of them, nor one that waits for the connection's window while others pass it:
    /// it takes turns with them.
    func stalled(at now: NIODeadline, _ deadlines: Deadlines) -> [HTTP2StreamID] {
        var stalled: [HTTP2StreamID] = []
        for index in exchanges.indices {
            let exchange = exchanges[index]
            if let module = exchange.module, now - module.since > deadlines.dropped, module.life.isAwaited {
                stalled.append(exchange.stream)
                continue
            }
            let isStopped = initialWindow + exchange.allowance <= 0
            guard exchange.answer == .sending, isStopped || connectionWindow <= 0 else {
                exchanges[index].stall = nil
                continue
            }
            guard let stall = exchange.stall,
                (isStopped ? exchange.sent - stall.sent : sent - stall.sentOnAll) < deadlines.progress
            else {
                exchanges[index].stall = (now, exchange.sent, sent)
                continue
            }
            if now - stall.since > deadlines.stall { stalled.append(exchange.stream) }
        }
        return stalled
    }
}
