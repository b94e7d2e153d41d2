// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPService
internal import NIOCore
internal import NIOSSL

/// One accepted connection: what its handlers share, and what its event loop's registry knows of it.
///
/// It lives on the connection's event loop.
final class Connection {
    /// What every connection of the listener shares.
    let listener: ListenerContext
    /// Gives the answers: the listener's responder, unless this client may not ask.
    var responder: any Responder
    /// Who speaks on it at present.
    weak var protocolHandler: (any ProtocolHandler)?
    /// The client's address and port.
    private(set) lazy var client = channel.remoteAddress?.hostAndPort ?? "unknown"
    /// The network whose share of connections it counts to.
    private(set) lazy var network = ClientNetwork(channel.remoteAddress)
    /// Whether it is at a port of TLS.
    let expectsTLS: Bool
    /// Whether it ends with its first answer, if it speaks HTTP/1.x.
    private(set) var endsSoon = false
    /// Where it is registered.
    weak var registry: ConnectionRegistry?
    /// Its place in the registry's list.
    var index = 0
    /// Which of all that were registered it is.
    var number = 0

    private let channel: any Channel
    private var tls: NIOSSLServerHandler?
    private var authentication: Authentication?
    private var deadlineTracker: DeadlineTracker
    /// Whether its end has begun: the client owes nothing any more, but what it is sent it must take.
    private(set) var isEnding = false
    /// Whether its protocol handler was told to end it for its age.
    private var isOld = false
    /// Whether the server has closed its socket at once.
    private(set) var isClosed = false

    /// A connection over a socket, at a port of TLS or a plain one.
    init(_ channel: any Channel, expectsTLS: Bool, listener: ListenerContext) {
        self.channel = channel
        self.expectsTLS = expectsTLS
        self.listener = listener
        responder = listener.responder
        deadlineTracker = DeadlineTracker(
            acceptedAt: listener.limits.deadlines.now(),
            age: listener.limits.deadlines.age
        )
    }

    /// Whether the client takes what it is sent.
    var isWritable: Bool { channel.isWritable }

    /// What was written that the socket has not taken, in bytes.
    var unsentBytes: Int { (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Hands what was written to the socket, until that takes no more.
    func flush() { channel.flush() }

    /// Whether it is encrypted.
    var isEncrypted: Bool { tls != nil }

    /// Notes what encrypts it, and by which credentials, now that its client has begun a handshake.
    func encrypt(with tls: NIOSSLServerHandler, of generation: CredentialsGeneration) {
        self.tls = tls
        authentication = Authentication(generation: generation.number)
    }

    /// Notes the last second in which its client's certificate is valid.
    func clientIsAuthenticated(until end: Int64) {
        authentication?.clientExpiry = end
    }

    /// Answers in the clear that TLS is spoken here, and nothing else.
    func refuseInTheClear() {
        responder = TLSRequiredResponder()
        endsSoon = true
    }

    // MARK: Answering

    /// Whether an HTTP/2 client may have another answer beside those that are under way.
    func mayAnswer(beside count: Int) -> Bool {
        let limits = listener.limits.http2
        return count < limits.answers || (registry?.answersUnderWay ?? 0) < limits.answersPerEventLoop
    }

    /// Counts answers that were begun, or, if negative, have ended.
    func answersBegan(_ count: Int) {
        registry?.answersUnderWay += count
    }

    // MARK: Watching

    /// Closes the connection if its client does not keep to a deadline, and ends it gracefully if it is old or outdated.
    ///
    /// It is outdated if what it was authenticated with no longer counts by `present`, which is nil in the clear.
    func checkDeadlines(at now: NIODeadline, _ present: Authentication.Present?) {
        guard !isClosed, let protocolHandler else { return }
        var waitState = protocolHandler.waitState
        if isEnding { waitState = WaitState(answers: waitState.answers) }
        let deadlines = listener.limits.deadlines
        if let present, let authentication, authentication.isOutdated(at: present) {
            deadlineTracker.credentialsAreOutdated(at: now, deadlines)
        }
        if let reason = deadlineTracker.check(waitState, at: now, deadlines, taken: { self.acknowledged }) {
            end(for: reason)
        } else if !isOld, protocolHandler.hasAsked, deadlineTracker.isOld(at: now) {
            isOld = true
            channel.pipeline.fireUserInboundEventTriggered(ConnectionTimeout.old)
        }
        if !isClosed { protocolHandler.checkDeadlines(at: now) }
    }

    /// What matters of it when there is no room for another.
    func activity(at now: NIODeadline) -> ConnectionEviction.Activity {
        guard !isEnding, let protocolHandler else { return .init(network: network, waiting: nil, pace: nil) }
        let waiting = deadlineTracker.waiting(at: now).map { (protocolHandler.hasAsked, $0) }
        return .init(network: network, waiting: waiting, pace: deadlineTracker.pace)
    }

    /// How much is lost if it ends: nothing as long as it has asked for nothing, little while it is idle.
    var evictionCost: Int {
        guard let protocolHandler, protocolHandler.hasAsked else { return 0 }
        return protocolHandler.waitState.isWaitingForClient ? 1 : 2
    }

    /// Ends the connection for a reason that the observer learns.
    ///
    /// A client that is merely late gets a word, as its protocol has it; anyone else loses the connection at once.
    func end(for reason: ConnectionEvent.CloseReason) {
        guard !isClosed else { return }
        tell(.closedByServer(reason))
        switch reason {
        case .headTimeout:
            isEnding = true
            channel.pipeline.fireUserInboundEventTriggered(ConnectionTimeout.lateHead)
        case .idleTimeout:
            isEnding = true
            channel.pipeline.fireUserInboundEventTriggered(ConnectionTimeout.idle)
        case .flood, .protocolError:
            // Who noticed it tells the client.
            isEnding = true
        case .handshakeTimeout, .stalledReader, .overload, .outdatedCredentials, .drainTimeout:
            isClosed = true
            isEnding = true
            reset()
        }
    }

    /// Tells the listener's observer of an event, and adds the client's address to what is known of it.
    func tell(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances = .init()) {
        var circumstances = circumstances
        circumstances.client = client
        listener.observer.connectionChanged(event, circumstances)
    }

    // MARK: Closing

    /// Discards every further byte, up to a limit, behind the decryption if there is one: that sees the client close.
    ///
    /// It is false if the connection has ended.
    func discardInput() -> Bool {
        let handler = DiscardingHandler(limit: listener.limits.connections.discarded) { [weak self] in self?.close() }
        let position: ChannelPipeline.SynchronousOperations.Position = tls.map { .after($0) } ?? .first
        return (try? channel.pipeline.syncOperations.addHandler(handler, position: position)) != nil
    }

    /// Whether an error leaves nobody to send anything to.
    ///
    /// A client that closes its side without TLS's close_notify may still wait for what it has asked for.
    func isEnded(by error: any Error) -> Bool {
        if case NIOSSLError.uncleanShutdown = error { return false }
        return true
    }

    /// Ends a connection whose client has closed its side, now that everything is sent.
    ///
    /// It does so a turn of the event loop later: if this is called while the last bytes are being sent, what TLS has to say
    /// at the end would be thrown away. And it closes the output, which is the rest: for the whole, swift-nio-ssl would
    /// wait for a close_notify that may never come.
    func finish() {
        channel.eventLoop.assumeIsolated().execute {
            self.whenEverythingIsTaken { self.channel.close(mode: .output, promise: nil) }
        }
    }

    /// Does something as soon as the client has acknowledged everything that was written, unless the connection ends before.
    ///
    /// Once both sides are closed, swift-nio closes the socket, and nobody would watch what the system still holds for a client
    /// that does not take it. So the server's side is closed no sooner.
    func whenEverythingIsTaken(_ action: @escaping () -> Void) {
        checkOutput(in: Self.firstOutputCheck, then: action)
    }

    private func checkOutput(in time: TimeAmount, then action: @escaping () -> Void) {
        guard channel.isActive else { return }
        guard unsentBytes > 0 || hasUnacknowledgedOutput else { return action() }
        channel.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.checkOutput(in: min(time * 2, Self.longestOutputCheckInterval), then: action)
        }
    }

    private static let firstOutputCheck = TimeAmount.milliseconds(5)
    private static let longestOutputCheckInterval = TimeAmount.seconds(1)

    /// Whether the system holds something for the client that it has not acknowledged; false where the system does not tell.
    var hasUnacknowledgedOutput: Bool {
        withDescriptor { platform_unacknowledged($0) }.map { $0 > 0 } ?? false
    }

    /// Closes the socket without further ado; what the client has not taken is lost.
    ///
    /// TLS is not asked: it would wait for the client. The system keeps nothing either: a closed socket whose client takes
    /// nothing would hold its memory for minutes, and nobody would count it.
    func close() {
        if hasUnacknowledgedOutput { _ = withDescriptor { platform_reset_on_close($0) } }
        guard let tls, let context = try? channel.pipeline.syncOperations.context(handler: tls) else {
            channel.close(promise: nil)
            return
        }
        context.close(promise: nil)
    }

    /// Closes the socket by a reset, whatever the client has taken.
    private func reset() {
        _ = withDescriptor { platform_reset_on_close($0) }
        close()
    }

    /// What the client has acknowledged of all that it was sent, in bytes; nil if the system does not tell.
    private var acknowledged: Int? {
        withDescriptor { platform_acknowledged($0) }.flatMap { $0 >= 0 ? Int($0) : nil }
    }

    private func withDescriptor<Result>(_ body: (CInt) -> Result) -> Result? {
        // It throws once the socket is closed, when there is nothing left to ask or to set.
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self, body)
    }
}
