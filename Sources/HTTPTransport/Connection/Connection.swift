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
    enum Phase {
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
    /// Its place in the registry's list.
    var index = 0
    /// Which of all that were registered it is.
    var number = 0

    /// The most of an HTTP/2 frame with content, in bytes.
    private let framePayload: Int
    /// The client's address and port.
    let client: ClientAddress
    /// It lets go of the connection once it is closed.
    let socket: any ConnectionSocket
    /// Of the connections of its listener on this thread; it is there as long as an answer is awaited, too.
    let registry: ConnectionRegistry
    var phase: Phase
    /// What is spoken; nil until that is known.
    var spoken: (any ProtocolConnection)?
    var lingeringClose: LingeringClose?
    private var detector = ProtocolDetector()
    /// Whether it ends with its first answer, if it speaks HTTP/1.x.
    private var endsSoon = false
    /// When it is closed if the client has not said what it speaks by then.
    var openingEnd: Moment?
    /// What is being sent, or the socket has not taken; nil while there is nothing.
    var output: OutputQueue?
    /// The thread's, which has nothing but what is sent at once.
    let sharedOutput: OutputQueue
    private var isSending = false
    /// Whether something happens on it just now, so that what the thread has to send is its own.
    private(set) var hasTurn = false
    var inputHasEnded = false
    var deadlineTracker: DeadlineTracker
    var authentication: Authentication?
    private(set) var clientIdentity: CertifiedIdentity?
    /// Whether its protocol was told to end it.
    var mustEnd: EndReason?

    /// A connection over a socket.
    ///
    /// - Parameters:
    ///   - socket: The socket, which holds it until that is closed.
    ///   - client: The client's address.
    ///   - registry: Of the connections of its listener on this thread.
    ///   - framePayload: The most of an HTTP/2 frame with content, in bytes.
    ///   - isShakingHands: Whether a TLS handshake comes first.
    init(
        _ socket: any ConnectionSocket,
        from client: ClientAddress,
        in registry: ConnectionRegistry,
        framePayload: Int = 16 << 10,
        isShakingHands: Bool = false
    ) {
        self.framePayload = framePayload
        (self.socket, self.client, self.registry) = (socket, client, registry)
        (listener, sharedOutput) = (registry.listener, registry.output)
        responder = listener.responder
        phase = .opening(isShakingHands: isShakingHands)
        let deadlines = listener.limits.deadlines
        deadlineTracker = DeadlineTracker(
            acceptedAt: deadlines.now(),
            age: deadlines.age + registry.nextSpread()
        )
    }

    /// Whether nothing more happens on it.
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Whether the client owes nothing any more; but what it is sent it must take.
    var isEnding = false

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
        guard case .speaking = phase, let spoken, let output else { return }
        send(output, of: spoken)
    }

    /// Records that the socket has taken some of what it was given before.
    func socketTook(_ count: Int) {
        guard case .speaking = phase, let spoken, let output else { return }
        output.advance(by: count)
        spoken.outputAdvanced(Turn(now: now, output: output))
        send(output, of: spoken)
    }

    /// Records that the connection is broken.
    func socketFailed() { close(resets: true) }

    private func open(with bytes: Span<UInt8>) {
        guard listener.limits.includesHTTP2 else { return speak(http1, bytes) }
        var detector = detector
        let version = detector.version(by: bytes)
        self.detector = detector
        switch version {
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
            if detector.hasReceived { protocolConnection.receive(Array(detector.received).span, turn) }
            protocolConnection.receive(bytes, turn)
        }
    }

    // MARK: Output

    var now: Moment { listener.now() }

    /// Has something happen on the connection, and sends what comes of it.
    func step(at time: Moment? = nil, _ body: (any ProtocolConnection, Turn) -> Void) {
        guard let spoken else { return }
        let output = output ?? sharedOutput
        let isWithin = hasTurn
        hasTurn = true
        body(spoken, Turn(now: time ?? now, output: output))
        send(output, of: spoken)
        hasTurn = isWithin
    }

    /// Sends until there is nothing left, or the socket takes no more.
    private func send(_ output: OutputQueue, of spoken: any ProtocolConnection) {
        guard !isSending else { return }
        isSending = true
        var outcome = SendOutcome.sent
        while case .sent = outcome, case .speaking = phase, !output.isEmpty {
            outcome = socket.send(output)
            if case .failed = outcome { break }
            spoken.outputAdvanced(Turn(now: now, output: output))
        }
        isSending = false
        guard !isClosed else { return }
        if case .failed = outcome { return close() }
        if output.isEmpty {
            if self.output != nil { keep(nil) }
            endIfDone(spoken)
        } else if output === sharedOutput {
            keep(output.takeRest())
        }
        if wantsInput { socket.resumeReceiving() }
    }

    /// Keeps what is to be sent, and lets go of what was.
    func keep(_ output: OutputQueue?) {
        var former = output
        swap(&former, &self.output)
    }

    // MARK: Encryption

    /// Notes that its client has begun a handshake, and by which credentials it is encrypted.
    func handshakeBegan(of generation: CredentialsGeneration) {
        authentication = Authentication(generation: generation.number)
    }

    /// Notes the last second in which its client's certificate is valid.
    func clientIsAuthenticated(as identity: String?, until end: Int64) {
        clientIdentity = identity.map { CertifiedIdentity($0) }
        authentication?.clientExpiry = end
    }

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
