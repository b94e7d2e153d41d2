// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPService

/// A stream on which something is still to be sent, or to come (RFC 9113 §5.1).
struct HTTP2Stream {
    /// How far the answer is.
    enum Answer {
        /// The responder has promised it.
        case awaited
        /// It is awaited, but nobody will get it: the stream is closed.
        case abandoned
        /// Its content is sent as windows allow.
        case sending
        /// It has been added to the output whole.
        case sent
    }

    /// How long nothing has passed a window, as the last look saw it.
    private struct Stall {
        let since: Moment
        /// How much had been sent by then, on the stream and on all streams.
        let sent: Int
        let sentOnAll: Int
    }

    /// The identifier.
    let id: UInt32
    /// How far the answer is.
    private(set) var answer = Answer.awaited
    /// Whether the client has ended its request.
    var requestHasEnded: Bool
    /// How much content the client allows to be sent now, in bytes; a setting can make it negative (RFC 9113 §6.9.2).
    var window: Int
    /// How much content the client may still send, in bytes.
    private var clientWindow: Int32 = Int32(HTTP2Opening.streamWindow)
    /// How much of its content is still to come, in bytes; nil if it has not said.
    private var contentLeft: Int?
    /// The exchange; nil once its end is in the output.
    private(set) var exchange: PendingExchange?
    /// Which bytes of the content are still to be sent.
    private(set) var unsent = 0..<0
    private var stall: Stall?
    /// When the answer was added whole to the output.
    private(set) var answered: Moment?

    /// A stream whose answer is awaited.
    init(_ exchange: PendingExchange, requestHasEnded: Bool, contentLength: Int?, window: Int) {
        id = exchange.stream
        self.exchange = exchange
        (self.requestHasEnded, self.contentLeft, self.window) = (requestHasEnded, contentLength, window)
    }

    // MARK: The answer

    /// Records that the content of the answer is to be sent.
    mutating func sends(_ count: Int) {
        (answer, unsent) = (.sending, 0..<count)
    }

    /// Records that the answer has been added to the output whole.
    mutating func sentAll(at now: Moment) {
        (answer, answered, exchange, stall) = (.sent, now, nil, nil)
    }

    /// Records that nobody will get the answer that is awaited.
    mutating func abandon() {
        answer = .abandoned
    }

    /// How much content can be sent now, in bytes, by the stream's window alone.
    var room: Int { answer == .sending ? max(0, min(unsent.count, window)) : 0 }

    /// Takes out a part of the content that is sent.
    mutating func take(_ count: Int) -> Range<Int> {
        let part = unsent.lowerBound..<unsent.lowerBound + count
        unsent = part.upperBound..<unsent.upperBound
        window -= count
        return part
    }

    // MARK: The request

    /// Records DATA of a length, of which some is content; what is wrong with it, if anything is.
    mutating func receives(_ length: Int, content: Int, isLast: Bool) -> HTTP2StreamFault? {
        guard !requestHasEnded else { return .closed }
        clientWindow -= Int32(clamping: length)
        guard clientWindow >= 0 else { return .flowControl }
        if let left = contentLeft {
            guard content <= left, !isLast || content == left else { return .malformed(.contentLength) }
            contentLeft = left - content
        }
        requestHasEnded = isLast
        return nil
    }

    /// Records trailers that end the request; what is wrong with them, if anything is.
    mutating func receivesTrailers() -> HTTP2StreamFault? {
        guard (contentLeft ?? 0) == 0 else { return .malformed(.contentLength) }
        requestHasEnded = true
        return nil
    }

    // MARK: Stalls

    /// Whether its client has for too long allowed nothing to be sent, or next to nothing, or has for too long held a module whose
    /// memory is needed.
    ///
    /// A stream that waits for the socket does not stall, nor one that waits for the connection's window while others pass it: it
    /// takes turns with them.
    ///
    /// - Parameters:
    ///   - now: When it is looked at.
    ///   - deadlines: How long anything may take.
    ///   - connection: The connection's window, and how much content was sent on it, in bytes.
    /// - Returns: Whether it has to end.
    mutating func isStalled(
        at now: Moment,
        _ deadlines: Deadlines,
        connection: (window: Int, sent: Int)
    ) -> Bool {
        guard answer == .sending, let exchange else { return false }
        if now - exchange.start > deadlines.dropped, exchange.life?.isAwaited == true { return true }
        let isStopped = window <= 0
        guard isStopped || connection.window <= 0 else {
            stall = nil
            return false
        }
        let sent = unsent.lowerBound
        guard let stall, (isStopped ? sent - stall.sent : connection.sent - stall.sentOnAll) < deadlines.progress else {
            stall = Stall(since: now, sent: sent, sentOnAll: connection.sent)
            return false
        }
        return now - stall.since > deadlines.stall
    }
}

/// What is wrong on a stream, so that it ends and its connection goes on (RFC 9113 §5.4.2).
enum HTTP2StreamFault {
    /// Something came behind the end of the request.
    case closed
    /// More content came than the window allows, or the window grew too large.
    case flowControl
    /// A frame has a length that it cannot have.
    case frameSize
    /// A frame says what it must not.
    case protocolViolation
    /// The request is malformed, so that there is no answer to it.
    case malformed(MalformedRequest)

    /// What RST_STREAM names.
    var code: HTTP2ErrorCode {
        switch self {
        case .closed: .streamClosed
        case .flowControl: .flowControlError
        case .frameSize: .frameSizeError
        case .protocolViolation, .malformed: .protocolError
        }
    }
}
