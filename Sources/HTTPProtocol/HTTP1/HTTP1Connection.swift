// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService

/// One HTTP/1.x connection: a request is answered before the next one is looked at.
///
/// 1. Bytes are collected until they hold a head; a head that is refused ends the connection.
/// 2. The answer is sent at once, or when it comes. Until then, and while the client does not take what it is sent, nothing more
///    is read.
/// 3. Content of requests is never parsed: an answer to a request that has some ends the connection, so nothing in it can
///    be taken for another request.
/// 4. A client that has closed its side is still answered what it asked for before.
package final class HTTP1Connection: ProtocolConnection {
    private enum State {
        case receiving
        /// For the responder, which has promised an answer; whether the connection may go on behind it.
        case waiting(PendingExchange, mayGoOn: Bool)
        /// Until the client has taken an answer; whether the connection ends then.
        case sending(PendingExchange, isLast: Bool)
        case ending(ConnectionEnding)
        /// Nothing can be sent any more, but one answer is still awaited, or none is.
        case ended(PendingExchange?)
    }

    private unowned let host: any ConnectionHost
    private let listener: ListenerContext
    private let responder: any Responder
    private let client: ClientAddress
    private let clientIdentity: CertifiedIdentity?
    private var state = State.receiving
    /// The bytes of heads that were not taken off, where not all of what was received could be used at once.
    private var held: [UInt8] = []
    private var scanner: HTTP1HeadScanner
    /// Whether there is something that the socket has not taken.
    private var hasOutput = false
    /// How many requests were answered.
    private var answered = 0
    /// Whether the connection ends with the next answer.
    private var isDraining: Bool
    /// When it ends if no request has come by then.
    private var drainEnd: Moment?
    /// Whether the client has said that it sends nothing behind its last request (RFC 9112 §9.6).
    private var sendsNothingMore = false
    /// Whether the client has closed its side.
    private var inputHasEnded = false

    /// How much may wait to be sent before a further request is looked at, in bytes.
    private static let mostOutput = 16 << 10

    /// A connection on which nothing was received yet; `endsSoon` says whether it ends with its first answer.
    package init(_ host: any ConnectionHost, endsSoon: Bool = false) {
        self.host = host
        (listener, responder) = (host.listener, host.responder)
        (client, clientIdentity) = (host.client, host.clientIdentity)
        isDraining = endsSoon
        scanner = HTTP1HeadScanner(limits: listener.limits.head)
    }

    // MARK: State

    package var wantsInput: Bool {
        guard case .receiving = state else { return false }
        return !hasOutput && !inputHasEnded
    }

    package var ending: ConnectionEnding? {
        guard case .ending(let ending) = state else { return nil }
        return ending
    }

    package var hasAsked: Bool {
        if case .waiting = state { return true }
        return answered > 0
    }

    package var waitState: WaitState {
        if hasOutput { return WaitState(answers: 1, answer: answered) }
        switch state {
        case .waiting: return WaitState()
        case .receiving:
            let isUnderWay = answered == 0 || !held.isEmpty
            return isUnderWay ? WaitState(head: answered) : WaitState(request: answered)
        case .sending, .ending, .ended: return WaitState(answers: 1, answer: answered)
        }
    }

    // MARK: Input

    package func receive(_ bytes: Span<UInt8>, _ turn: Turn) {
        guard held.isEmpty else {
            hold(bytes)
            answerHeld(turn)
            return
        }
        let used = answer(bytes, turn)
        if case .ending = state { return }
        if used < bytes.count { hold(bytes.extracting(used...)) }
    }

    private func hold(_ bytes: Span<UInt8>) {
        var held = takeHeld()
        unsafe bytes.withUnsafeBufferPointer { unsafe held.append(contentsOf: $0) }
        self.held = held
    }

    /// Takes out what is held.
    private func takeHeld() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &held)
        return taken
    }

    package func inputEnded(_ turn: Turn) {
        inputHasEnded = true
        proceed(turn)
    }

    /// Answers the requests in bytes that were received, as far as the client takes the answers; returns how many bytes were used.
    private func answer(_ bytes: Span<UInt8>, _ turn: Turn) -> Int {
        var used = 0
        var scanner = scanner
        while case .receiving = state, used < bytes.count, turn.output.byteCount < Self.mostOutput {
            let rest = bytes.extracting(used...)
            if scanner.isAtStart, let (head, length) = listener.recentHead.head(at: rest) {
                used += length
                answer(head, turn)
                continue
            }
            do {
                guard let length = try scanner.end(in: rest) else { break }
                scanner.reset()
                used += length
                let bytes = rest.extracting(..<length)
                let head = try head(of: bytes)
                listener.recentHead.keep(head, of: bytes)
                answer(head, turn)
            } catch {
                refuse(error, of: excerpt(of: rest), turn)
                used = bytes.count
            }
        }
        self.scanner = scanner
        return used
    }

    private func answerHeld(_ turn: Turn) {
        guard !held.isEmpty else { return }
        var bytes = takeHeld()
        let used = answer(bytes.span, turn)
        guard used < bytes.count else { return }
        if used > 0 { bytes.removeFirst(used) }
        held = bytes
    }

    private func head(of bytes: Span<UInt8>) throws(HTTP1HeadError) -> HTTP1Head {
        try HTTP1HeadParser.parse(bytes, reading: listener.selection, sharing: listener.texts)
    }

    /// What can be read of a head that is refused or not complete, for the log.
    private func excerpt(of bytes: Span<UInt8>) -> Request? {
        HTTP1Excerpt.request(in: bytes, reading: listener.selection)
    }

    /// Goes on with what is held, if the client takes what it is sent.
    private func proceed(_ turn: Turn) {
        guard case .receiving = state, !hasOutput else { return }
        answerHeld(turn)
        // Whatever was received whole is answered now.
        if inputHasEnded, case .receiving = state, !hasOutput { end(.answered) }
    }

    // MARK: Answers

    private func answer(_ head: HTTP1Head, _ turn: Turn) {
        let exchange = PendingExchange(
            request: head.request,
            version: head.version,
            client: client,
            identity: clientIdentity,
            at: turn.now
        )
        sendsNothingMore = !head.keepsAlive && !head.hasContent
        let mayGoOn = head.keepsAlive && !head.hasContent && !head.request.method.asksForTunnel
        switch responder.respond(to: head.request, from: client) {
        case .now(let response):
            send(response, to: exchange, isLast: isDraining || !mayGoOn, turn)
        case .later(let response):
            become(.waiting(exchange, mayGoOn: mayGoOn))
            host.await(response, for: answered)
        }
    }

    package func deliver(_ response: Response, for ticket: Int, _ turn: Turn) {
        switch state {
        case .waiting(let exchange, let mayGoOn):
            become(.receiving)
            send(response, to: exchange, isLast: isDraining || !mayGoOn, turn)
        case .ended(let exchange?):
            become(.ended(nil))
            exchange.answer(with: response)
            tell(exchange, isComplete: false, turn)
        default:
            break
        }
    }

    private func refuse(_ error: HTTP1HeadError, of request: Request?, _ turn: Turn) {
        let exchange = PendingExchange(
            request: request,
            version: .http11,
            client: client,
            identity: clientIdentity,
            at: turn.now
        )
        send(.problem(error.status, detail: error.detail), to: exchange, isLast: true, turn)
    }

    private func send(_ response: Response, to exchange: PendingExchange, isLast: Bool, _ turn: Turn) {
        exchange.answer(with: response)
        answered += 1
        hasOutput = true
        let answer = HTTP1Answer(exchange: exchange, response: response, isLast: isLast)
        if isLast || answer.sharesContent { become(.sending(exchange, isLast: isLast)) }
        answer.append(to: turn.output, date: listener.date)
    }

    package func outputAdvanced(_ turn: Turn) {
        while let exchange = turn.output.takeEnded() { tell(exchange, isComplete: true, turn) }
        guard turn.output.isEmpty else { return }
        hasOutput = false
        if case .sending(_, let isLast) = state {
            become(.receiving)
            if isLast || isDraining { return end(sendsNothingMore && held.isEmpty ? .lastAnswered : .answered) }
        }
        proceed(turn)
    }

    private func tell(_ exchange: PendingExchange, isComplete: Bool, _ turn: Turn) {
        guard let exchange = exchange.ended(isComplete: isComplete, at: turn.now) else { return }
        listener.observer.exchangeEnded(exchange)
    }

    // MARK: The end

    package func end(_ reason: EndReason, _ turn: Turn) {
        switch reason {
        case .shutdown, .age:
            // A request may be on its way, or may not have come whole.
            isDraining = true
            drainEnd = turn.now + listener.limits.deadlines.roundTrip
        case .lateHead:
            guard case .receiving = state else { return }
            guard !held.isEmpty else { return end(.idle) }
            let excerpt = excerpt(of: takeHeld().span)
            let late = HTTP1HeadError(status: .requestTimeout, detail: "The head did not arrive in time.")
            refuse(late, of: excerpt, turn)
        case .idle:
            end(.idle)
        }
    }

    private func end(_ ending: ConnectionEnding) {
        switch state {
        case .ending, .ended: return
        case .receiving, .waiting, .sending: break
        }
        become(.ending(inputHasEnded ? .clientIsDone : ending))
        _ = takeHeld()
    }

    package func check(_ turn: Turn) {
        switch state {
        case .receiving:
            if let drainEnd, turn.now >= drainEnd, !hasOutput { end(.idle) }
        case .sending(let exchange, _):
            let limit = listener.limits.deadlines.dropped
            guard turn.now - exchange.start > limit, exchange.life?.isAwaited == true else { return }
            host.end(for: .overload)
        case .waiting, .ending, .ended: break
        }
    }

    package func connectionEnded(_ turn: Turn) {
        for exchange in turn.output.abandon() { tell(exchange, isComplete: false, turn) }
        if case .waiting(let exchange, _) = state { become(.ended(exchange)) } else { become(.ended(nil)) }
        _ = takeHeld()
    }

    /// Changes the state, and lets go of what the former one had.
    private func become(_ next: State) {
        var former = next
        swap(&former, &state)
    }
}
