// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService

/// How streams and the connection end.
extension HTTP2Connection {
    // MARK: Exchanges

    /// Tells what became of an answer.
    func tellEnd(of exchange: PendingExchange, isComplete: Bool, _ turn: Turn) {
        answers -= 1
        host.answersBegan(-1)
        guard let exchange = exchange.ended(isComplete: isComplete, at: turn.now) else { return }
        context.observer.exchangeEnded(exchange)
    }

    /// Ends all answers that are under way, as nothing can be sent any more; those that are awaited end when they come.
    func cutAnswers(_ turn: Turn) {
        for index in streams.indices.reversed() { drop(at: index, turn) }
    }

    // MARK: Streams

    /// Gives a stream up: an answer that is being sent is cut, and one that is awaited still counts, as it costs something until it
    /// comes.
    func drop(at index: Int, _ turn: Turn) {
        let stream = streams[index]
        switch stream.answer {
        case .awaited:
            streams[index].abandon()
        case .sending, .sent:
            streams.remove(at: index)
            if let exchange = stream.exchange { tellEnd(of: exchange, isComplete: false, turn) }
        case .abandoned:
            break
        }
    }

    /// Resets a stream (RFC 9113 §6.4).
    func reset(_ id: UInt32, _ code: HTTP2ErrorCode, _ turn: Turn) {
        if let index = streams.index(of: id) {
            // What its client has sent before it learns of that is ignored, unless it had sent all.
            if streams[index].requestHasEnded { streams.closed(id) }
            drop(at: index, turn)
        }
        write(.resetStream, code.rawValue, on: id, turn)
    }

    /// Ends a stream because of what its client did on it (RFC 9113 §5.4.2).
    func end(_ id: UInt32, for fault: HTTP2StreamFault, _ turn: Turn) throws(HTTP2ConnectionError) {
        guard id <= streams.last, !id.isMultiple(of: 2) else {
            // There is no stream that could be reset.
            throw HTTP2ConnectionError(fault.code, "a frame on a stream that is not open is not in order")
        }
        if case .malformed(let request) = fault { host.tell(.streamRejected, .init(detail: request.reason)) }
        try meter.streamError()
        reset(id, fault.code, turn)
    }

    /// Ends the streams whose clients have kept the server waiting for too long.
    func endStalledStreams(_ turn: Turn) {
        let deadlines = context.deadlines
        let connection = (window: flow.window, sent: flow.sent)
        for index in streams.indices.reversed() {
            if streams[index].isStalled(at: turn.now, deadlines, connection: connection) {
                reset(streams[index].id, .cancel, turn)
            } else if let answered = streams[index].answered, turn.now - answered >= deadlines.roundTrip {
                reset(streams[index].id, .noError, turn)
            }
        }
    }

    /// Ends the streams whose answers are sent, and whose requests have not ended, to make room for others.
    func endAnsweredStreams(_ turn: Turn) {
        for index in streams.indices.reversed() where streams[index].answer == .sent {
            reset(streams[index].id, .noError, turn)
        }
    }

    // MARK: Graceful shutdown

    package func end(_ reason: EndReason, _ turn: Turn) {
        guard ending == nil, !hasEnded else { return }
        open(turn)
        if case .lateHead = reason, answers == 0 {
            goAway(.noError, turn)
            finish(.failed)
        } else if drain.begin(until: turn.now + context.deadlines.roundTrip) {
            // Requests that are on their way are still answered.
            goAway(lastStream: 0x7fff_ffff, .noError, turn)
            let ping = HTTP2Drain.ping
            write(.ping, ping.span, turn)
        }
    }

    /// Names the last request that is answered, as the client knows by now that it should send no other.
    func nameLastStream(_ turn: Turn) {
        if drain.roundTripEnded(at: streams.last) { goAway(.noError, turn) }
    }

    // MARK: The end

    /// Ends the connection if it is to end and every answer is sent that can be.
    func endIfDone(_ turn: Turn) {
        guard ending == nil, !hasEnded else { return }
        let inputIsDone = inputHasEnded && !gate.holdsInput
        if answers == 0, drain.isFinal || inputIsDone {
            finish(hasAsked ? .answered : .idle)
        } else if inputIsDone, streams.awaited == 0, turn.output.isEmpty {
            // Its client sends nothing more, not even a WINDOW_UPDATE, and all that it left room for is sent.
            finish(.answered)
        }
    }

    /// Ends the connection because of what its client has sent.
    func fail(_ error: HTTP2ConnectionError, _ turn: Turn) {
        guard ending == nil else { return }
        host.end(for: error.code == .enhanceYourCalm ? .flood : .protocolError)
        goAway(error.code, reason: error.reason, turn)
        finish(.failed)
    }

    private func finish(_ ending: ConnectionEnding) {
        conclude(inputHasEnded ? .clientIsDone : ending)
        discardInput()
    }

    /// Says GOAWAY (RFC 9113 §6.8): which stream was the last that was looked at, and why the connection ends.
    private func goAway(
        lastStream: UInt32? = nil,
        _ code: HTTP2ErrorCode,
        reason: String = "",
        _ turn: Turn
    ) {
        var payload: [UInt8] = []
        payload.appendNumber(lastStream ?? drain.lastStream ?? streams.last)
        payload.appendNumber(code.rawValue)
        payload += reason.utf8
        write(.goAway, payload.span, turn)
    }
}
