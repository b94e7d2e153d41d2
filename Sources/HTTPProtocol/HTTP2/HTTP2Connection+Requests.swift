// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
internal import HTTPSemantics
internal import HTTPService

/// What header blocks mean, and which of the requests are answered.
extension HTTP2Connection {
    /// Takes a header block that has come whole: it opens a stream, or has trailers (RFC 9113 §8.1).
    ///
    /// It is decoded in any case, as later ones refer to it (RFC 9113 §4.3).
    func takeHeaderBlock(
        _ block: Span<UInt8>,
        on id: UInt32,
        endsStream: Bool,
        _ dependsOnItself: Bool,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        switch streams.state(of: id) {
        case .idle:
            var reader = HTTP2RequestReader(
                limits: context.head,
                reading: context.selection,
                sharing: context.texts
            )
            try decode(block, into: &reader)
            try take(reader, on: id, endsStream: endsStream, dependsOnItself, turn)
        case .open(let index):
            var trailers = HTTP2TrailerReader(limit: context.head.block)
            try decode(block, into: &trailers)
            let fault = dependsOnItself ? .protocolViolation : trailerFault(trailers, at: index, endsStream: endsStream)
            if let fault { try end(id, for: fault, turn) } else { requestEnded(at: index) }
        case .reset:
            try skip(block)
            try end(id, for: .closed, turn)
        case .closed:
            // Trailers that were on their way when the server closed the stream.
            try skip(block)
        case .ended: throw HTTP2ConnectionError(.streamClosed, "HEADERS are on a stream that has ended")
        case .skipped: throw HTTP2ConnectionError(.protocolError, "HEADERS are on a stream that is older than the last")
        }
    }

    private func decode<Reader: HeaderFieldVisitor & ~Copyable>(
        _ block: Span<UInt8>,
        into reader: inout Reader
    ) throws(HTTP2ConnectionError) {
        do {
            try decoder.decode(block, with: &context.octets, into: &reader)
        } catch {
            throw HTTP2ConnectionError(.compressionError, error.description)
        }
    }

    private func skip(_ block: Span<UInt8>) throws(HTTP2ConnectionError) {
        var nobody = HTTP2TrailerReader(limit: 0)
        try decode(block, into: &nobody)
    }

    // MARK: Requests

    private func take(
        _ reader: consuming HTTP2RequestReader,
        on id: UInt32,
        endsStream: Bool,
        _ dependsOnItself: Bool,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        streams.open(id)
        // A client that was told the last stream knows that those behind it are not looked at (RFC 9113 §6.8).
        if let last = drain.lastStream, id > last { return }
        if openCount >= streamLimit { endAnsweredStreams(turn) }
        guard mayAnswer else { return try refuse(id, endsStream: endsStream, turn) }
        guard !dependsOnItself else { return try endNew(id, for: .protocolViolation, endsStream: endsStream, turn) }
        if let fault = reader.fault(endsStream: endsStream) {
            return try endNew(id, for: .malformed(fault), endsStream: endsStream, turn)
        }
        let (refusal, length) = (reader.refusal, reader.contentLength)
        answer(reader.request(), refusal, on: id, endsStream: endsStream, contentLength: length, turn)
    }

    private func answer(
        _ request: Request,
        _ refusal: Response?,
        on id: UInt32,
        endsStream: Bool,
        contentLength: Int?,
        _ turn: Turn
    ) {
        let exchange = PendingExchange(
            request: request,
            version: .http2,
            client: client,
            identity: clientIdentity,
            stream: id,
            at: turn.now
        )
        answers += 1
        host.answersBegan(1)
        if let refusal {
            exchange.answer(with: refusal)
        } else {
            switch responder.respond(to: request, from: client) {
            case .now(let response):
                exchange.answer(with: response)
            case .later(let response):
                streams.append(stream(of: exchange, requestHasEnded: endsStream, contentLength: contentLength))
                return host.await(response, for: Int(id))
            }
        }
        send(exchange, requestHasEnded: endsStream, contentLength: contentLength, turn)
    }

    /// A stream that is open since its request has come.
    func stream(of exchange: PendingExchange, requestHasEnded: Bool, contentLength: Int?) -> HTTP2Stream {
        HTTP2Stream(
            exchange,
            requestHasEnded: requestHasEnded,
            contentLength: contentLength,
            window: settings.initialWindow
        )
    }

    /// Whether a further request may be answered now.
    var mayAnswer: Bool { openCount < streamLimit && host.mayAnswer(beside: answers) }

    /// How many streams are open, as the client may see it, or more.
    private var openCount: Int { max(answers, streams.count) }

    /// How many streams may be open: a client may not know the limit yet (RFC 9113 §6.5.3), and gateways with many filters ask for
    /// all their modules at once.
    private var streamLimit: Int {
        limitIsKnown ? context.limits.streams : context.limits.streamsBeforeAcknowledgement
    }

    /// Refuses a request, which the client may try again (RFC 9113 §8.7).
    private func refuse(_ id: UInt32, endsStream: Bool, _ turn: Turn) throws(HTTP2ConnectionError) {
        host.tell(.streamRefused)
        if endsStream { streams.closed(id) }
        write(.resetStream, HTTP2ErrorCode.refusedStream.rawValue, on: id, turn)
        if limitIsKnown, openCount >= streamLimit { try meter.streamBeyondLimit() }
    }

    private func endNew(
        _ id: UInt32,
        for fault: HTTP2StreamFault,
        endsStream: Bool,
        _ turn: Turn
    ) throws(HTTP2ConnectionError) {
        if endsStream { streams.closed(id) }
        try end(id, for: fault, turn)
    }

    // MARK: The end of requests

    private func trailerFault(
        _ trailers: HTTP2TrailerReader,
        at index: Int,
        endsStream: Bool
    ) -> HTTP2StreamFault? {
        guard !streams[index].requestHasEnded else { return .closed }
        if let fault = trailers.fault { return .malformed(fault) }
        guard endsStream else { return .malformed(.trailers) }
        return streams[index].receivesTrailers()
    }

    /// Goes on, as a client has ended its request: with its answer sent the stream is closed.
    func requestEnded(at index: Int) {
        guard streams[index].answer == .sent else { return }
        streams.closed(streams[index].id)
        streams.remove(at: index)
    }
}
