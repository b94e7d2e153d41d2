// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPProtocol
internal import HTTPService

/// One accepted connection: it carries bytes between a socket and the protocol that is spoken, and sees that the client keeps to its
/// deadlines.
///
/// It lives on one thread.
final class Connection {
    private enum Phase {
        /// The client has not said yet what it speaks, in the clear or because its handshake is not complete.
        case opening(isShakingHands: Bool)
        case speaking
        /// The output is closed, and the client may close its side.
        case lingering
        case closed
    }

    /// What every connection of the listener on this thread shares.
    let listener: ListenerContext
    /// Gives the answers: the listener's responder, unless this client may not ask.
    var responder: any Responder
    /// The client's address and port.
    private(set) lazy var client = address.description
    /// Its place in the registry's list.
    var index = 0
    /// Which of all that were registered it is.
    var number = 0

    /// The most of an HTTP/2 frame with content, in bytes.
    private let framePayload: Int
    private let address: ClientAddress
    private unowned let socket: any ConnectionSocket
    private unowned let registry: ConnectionRegistry
    private var phase: Phase
    /// What is spoken; nil until that is known.
    private var spoken: (any ProtocolConnection)?
    private var lingeringClose: LingeringClose?
    private var detector = ProtocolDetector()
    /// Whether it ends with its first answer, if it speaks HTTP/1.x.
    private var endsSoon = false
    /// When it is closed if the client has not said what it speaks by then.
    private var openingEnd: ContinuousClock.Instant?
    /// What is being sent, or the socket has not taken; nil while there is nothing.
    private var output: OutputQueue?
    /// The thread's, which has nothing but what is sent at once.
    private let sharedOutput: OutputQueue
    private var isSending = false
    private var inputHasEnded = false
    private var deadlineTracker: DeadlineTracker
    private var authentication: Authentication?
    /// Whether its protocol was told to end it.
    private var mustEnd: EndReason?

    /// A connection over a socket, which holds it.
    ///
    /// - Parameters:
    ///   - socket: The socket.
    ///   - address: The client's.
    ///   - registry: Of the connections of its listener on this thread.
    ///   - framePayload: The most of an HTTP/2 frame with content, in bytes.
    ///   - isShakingHands: Whether a TLS handshake comes first.
    init(
        _ socket: any ConnectionSocket,
        from address: ClientAddress,
        in registry: ConnectionRegistry,
        framePayload: Int = 16 << 10,
        isShakingHands: Bool = false
    ) {
        self.framePayload = framePayload
        (self.socket, self.address, self.registry) = (socket, address, registry)
        (listener, sharedOutput) = (registry.listener, registry.output)
        responder = listener.responder
        phase = .opening(isShakingHands: isShakingHands)
        let deadlines = listener.limits.deadlines
        deadlineTracker = DeadlineTracker(
            acceptedAt: deadlines.now(),
            age: deadlines.age,
            spread: registry.nextSpread()
        )
    }

    /// Whether nothing more happens on it.
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Whether the client owes nothing any more; but what it is sent it must take.
    private(set) var isEnding = false

    // MARK: Input

    /// Whether more input can be used now.
    var wantsInput: Bool {
        switch phase {
        case .opening: true
        case .speaking: if let spoken { spoken.wantsInput } else { false }
        case .lingering: true
        case .closed: false
        }
    }

    /// Takes what was received, at most 16 KiB.
    func receive(_ bytes: Span<UInt8>) {
        switch phase {
        case .opening: open(with: bytes)
        case .speaking: step { $0.receive(bytes, $1) }
        case .lingering:
            guard lingeringClose?.discard(bytes.count) ?? false else { return close() }
        case .closed: break
        }
    }

    /// Records that the client will send nothing more.
    func inputEnded() {
        inputHasEnded = true
        switch phase {
        case .opening: close()
        case .speaking: step { $0.inputEnded($1) }
        case .lingering: if !socket.hasUnacknowledgedOutput { close(resets: false) }
        case .closed: break
        }
    }

    /// Records that the socket takes output again.
    func socketTakesOutput() {
        guard case .speaking = phase, let output else { return }
        send(output)
    }

    /// Records that the socket has taken some of what it was given before.
    func socketTook(_ count: Int) {
        guard case .speaking = phase, let spoken, let output else { return }
        output.advance(by: count)
        spoken.outputAdvanced(Turn(now: now, output: output))
        send(output)
    }

    /// Records that the connection is broken.
    func socketFailed() { close(resets: true) }

    private func open(with bytes: Span<UInt8>) {
        guard listener.limits.includesHTTP2 else { return speak(http1, bytes) }
        switch detector.version(by: bytes) {
        case .http1?: speak(http1, bytes)
        case .http2?: speak(http2, bytes)
        case nil: break
        }
    }

    private var http1: HTTP1Connection { HTTP1Connection(self, endsSoon: endsSoon) }

    private var http2: HTTP2Connection {
        HTTP2Connection(self, in: registry.http2, framePayload: framePayload)
    }

    private func begin(_ protocolConnection: any ProtocolConnection) {
        var spoken: (any ProtocolConnection)? = protocolConnection
        swap(&spoken, &self.spoken)
        phase = .speaking
    }

    /// Goes on in a protocol, with what has come up to now.
    private func speak(_ protocolConnection: any ProtocolConnection, _ bytes: Span<UInt8>) {
        begin(protocolConnection)
        step { protocolConnection, turn in
            if let mustEnd { protocolConnection.end(mustEnd, turn) }
            if !detector.received.isEmpty { protocolConnection.receive(Array(detector.received).span, turn) }
            protocolConnection.receive(bytes, turn)
        }
    }

    // MARK: Output

    private var now: ContinuousClock.Instant { listener.now() }

    /// Has something happen on the connection, and sends what comes of it.
    private func step(at time: ContinuousClock.Instant? = nil, _ body: (any ProtocolConnection, Turn) -> Void) {
        guard let spoken else { return }
        let output = output ?? sharedOutput
        keep(output)
        body(spoken, Turn(now: time ?? now, output: output))
        send(output)
    }

    /// Sends until there is nothing left, or the socket takes no more.
    private func send(_ output: OutputQueue) {
        guard !isSending else { return }
        isSending = true
        var outcome = SendOutcome.sent
        while case .sent = outcome, case .speaking = phase, let spoken, !output.isEmpty {
            outcome = socket.send(output)
            if case .failed = outcome { break }
            spoken.outputAdvanced(Turn(now: now, output: output))
        }
        isSending = false
        guard !isClosed else { return }
        if case .failed = outcome { return close() }
        if output.isEmpty {
            keep(nil)
            endIfDone()
        } else if output === sharedOutput {
            keep(output.takeRest())
        }
        if wantsInput { socket.resumeReceiving() }
    }

    /// Keeps what is to be sent, and lets go of what was.
    private func keep(_ output: OutputQueue?) {
        var former = output
        swap(&former, &self.output)
    }

    // MARK: The end

    /// Ends the connection as soon as that loses nothing.
    func end(_ reason: EndReason) {
        mustEnd = reason
        switch phase {
        case .opening:
            switch reason {
            case .shutdown, .age: openingEnd = openingEnd ?? now + listener.limits.deadlines.roundTrip
            // It is not even clear what the client speaks.
            case .lateHead, .idle: close()
            }
        case .speaking: step { $0.end(reason, $1) }
        case .lingering, .closed: break
        }
    }

    private func endIfDone() {
        guard case .speaking = phase, let spoken, let ending = spoken.ending else { return }
        isEnding = true
        let mayCloseAtOnce = ending == .clientIsDone || ending == .lastAnswered
        if mayCloseAtOnce, socket.mayCloseAtOnce { return close(resets: false) }
        beginLingering(ending)
    }

    private func beginLingering(_ ending: ConnectionEnding) {
        lingeringClose = LingeringClose(ending, discarding: listener.limits.connections.discarded, at: now)
        phase = .lingering
        socket.shutOutput()
    }

    /// Closes the socket if the client has taken everything and needs no more time.
    private func linger() {
        guard case .lingering = phase else { return }
        let isTaken = !socket.hasUnacknowledgedOutput
        let isOver = lingeringClose?.isOver(isTaken: isTaken, at: now) ?? true
        if isOver || (inputHasEnded && isTaken) { close(resets: !isTaken) }
    }

    /// Closes the socket without further ado.
    ///
    /// What the client has not taken is lost: a closed socket whose client takes nothing would hold its memory for minutes, and nobody
    /// would count it.
    func close() {
        // Its descriptor may be another's already.
        guard !isClosed else { return }
        close(resets: socket.hasUnacknowledgedOutput)
    }

    private func close(resets: Bool) {
        guard !isClosed else { return }
        phase = .closed
        isEnding = true
        if let spoken { spoken.connectionEnded(Turn(now: now, output: output ?? OutputQueue())) }
        keep(nil)
        socket.close(resets: resets)
    }

    /// Records that the socket is closed.
    func socketClosed() {
        close()
        registry.remove(self)
        tell(.closed)
    }

    // MARK: Watching

    /// Closes the connection if its client does not keep to a deadline, and ends it gracefully if it is old or outdated.
    ///
    /// It is outdated if what it was authenticated with no longer counts by `present`, which is nil in the clear.
    func checkDeadlines(at now: ContinuousClock.Instant, _ present: Authentication.Present?) {
        let deadlines = listener.limits.deadlines
        if let present, let authentication, authentication.isOutdated(at: present) {
            deadlineTracker.credentialsAreOutdated(at: now, deadlines)
        }
        var waitState = waitState
        if isEnding { waitState = WaitState(answers: waitState.answers) }
        if let reason = deadlineTracker.check(waitState, at: now, deadlines, taken: { socket.acknowledged }) {
            end(for: reason)
        } else if mustEnd == nil, hasAsked, deadlineTracker.isOld(at: now) {
            end(.age)
        }
        switch phase {
        case .opening: if let openingEnd, now >= openingEnd { close() }
        case .speaking: step(at: now) { $0.check($1) }
        case .lingering: linger()
        case .closed: break
        }
        if !isClosed { socket.check() }
    }

    private var hasAsked: Bool { if let spoken { spoken.hasAsked } else { false } }

    private var waitState: WaitState {
        switch phase {
        case .opening(let isShakingHands): isShakingHands ? WaitState(handshake: 0) : WaitState(head: 0)
        case .speaking: if let spoken { spoken.waitState } else { WaitState() }
        case .lingering: WaitState(answers: 1)
        case .closed: WaitState()
        }
    }

    /// What matters of it when there is no room for another.
    ///
    /// Whoever has taken all of the last answer has nothing to lose, just as if nothing had been asked for.
    func activity(at now: ContinuousClock.Instant) -> ConnectionEviction.Activity {
        let waiting =
            isEnding
            ? lingeringClose?.timeSinceTaken(at: now).map { (false, $0) }
            : deadlineTracker.waiting(at: now).map { (hasAsked, $0) }
        return .init(network: ClientNetwork(address), waiting: waiting, pace: deadlineTracker.pace)
    }

    /// How much is lost if it ends: nothing as long as it has asked for nothing, little while it is idle.
    var evictionCost: Int {
        guard hasAsked else { return 0 }
        return waitState.isWaitingForClient ? 1 : 2
    }

    // MARK: Encryption

    /// Notes that its client has begun a handshake, and by which credentials it is encrypted.
    func handshakeBegan(of generation: CredentialsGeneration) {
        authentication = Authentication(generation: generation.number)
    }

    /// Notes the last second in which its client's certificate is valid.
    func clientIsAuthenticated(until end: Int64) { authentication?.clientExpiry = end }

    /// Notes that the handshake is complete, and which protocol was agreed on in it (RFC 7301), if any was.
    func handshakeEnded(agreedOn agreed: ApplicationProtocol?) {
        switch agreed {
        case .http2: begin(http2)
        case .http11, .http10: begin(http1)
        case .istio, nil: phase = .opening(isShakingHands: false)
        }
    }

    /// Notes that the client was sent an alert instead of an answer to its ClientHello.
    func handshakeWasRefused() {
        isEnding = true
        beginLingering(.failed)
    }

    /// Answers in the clear that TLS is spoken here, and nothing else.
    func refuseInTheClear() {
        responder = TLSRequiredResponder()
        endsSoon = true
        phase = .opening(isShakingHands: false)
    }
}

extension Connection: ConnectionHost {
    func mayAnswer(beside count: Int) -> Bool {
        let limits = listener.limits.http2
        return count < limits.answers || registry.answersUnderWay < limits.answersPerEventLoop
    }

    func answersBegan(_ count: Int) { registry.answersUnderWay += count }

    func tell(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        var circumstances = circumstances
        circumstances.client = client
        listener.observer.connectionChanged(event, circumstances)
    }

    /// Ends the connection for a reason that the observer learns.
    ///
    /// A client that is merely late gets a word, as its protocol has it; anyone else loses the connection at once.
    func end(for reason: ConnectionEvent.CloseReason) {
        guard !isClosed else { return }
        tell(.closedByServer(reason))
        isEnding = true
        switch reason {
        case .headTimeout: end(.lateHead)
        case .idleTimeout: end(.idle)
        // Who noticed it tells the client.
        case .flood, .protocolError: break
        case .handshakeTimeout, .stalledReader, .overload, .outdatedCredentials, .drainTimeout: close(resets: true)
        }
    }

    func await(_ response: DeferredResponse, for ticket: Int) {
        socket.whenDelivered(response) { [self] response in
            switch phase {
            case .speaking, .lingering: step { $0.deliver(response, for: ticket, $1) }
            case .closed: if let spoken { spoken.deliver(response, for: ticket, Turn(now: now, output: OutputQueue())) }
            case .opening: break
            }
        }
    }
}
