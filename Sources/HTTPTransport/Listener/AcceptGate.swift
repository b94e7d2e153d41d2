// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPService
internal import NIOCore

/// Lets connections in at a listening socket for as long as there is room, and pauses when there is none.
///
/// Who comes during a pause waits in the system's queue. A pause ends when a connection does. When the system itself has
/// no descriptor or memory left for a connection, accepting is tried again after a while: swift-nio would try without end.
/// It accepts several connections at a time, so it is told how many there is room for.
final class AcceptGate: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let limits: ConnectionLimits
    private let counter: ConnectionCounter
    private let observer: any ConnectionObserver
    private let failure: ListenerFailure.Cause
    private var countsByAddress: [String: Int] = [:]
    private var isPaused = false
    private var looksAtQueue = false
    private var systemRetry: Scheduled<Void>?
    /// How many connections swift-nio accepts at a time.
    private var acceptedAtATime = 0
    /// For those who come when there is no other left, where nobody may have to wait.
    private var spares: SpareDescriptors

    /// The most connections that are accepted at a time, so that others of this event loop get their turn.
    private static let mostAtATime = 4
    /// How long to wait when the system cannot give a connection.
    private static let systemPause = TimeAmount.seconds(1)
    /// How many descriptors are kept where newcomers replace others: for a kubelet's probes and a collector.
    private static let spareCount = 4
    /// How often it is looked whether anyone waits.
    private static let queueInterval = TimeAmount.milliseconds(100)
    /// The errors of accept(2) that say that there is no descriptor or no memory.
    private static let systemLimits = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

    /// A gate with limits and a counter of connections; `observer` learns of pauses and refusals, `failure` of every
    /// error of accept(2).
    init(
        limits: ConnectionLimits,
        counter: ConnectionCounter,
        observer: any ConnectionObserver,
        failure: ListenerFailure.Cause
    ) {
        self.limits = limits
        self.counter = counter
        self.observer = observer
        self.failure = failure
        spares = SpareDescriptors(limits.whenFull == .replace ? Self.spareCount : 0)
    }

    func channelActive(context: ChannelHandlerContext) {
        adaptToRoom(context)
        context.fireChannelActive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        adaptToRoom(context)
        context.fireChannelReadComplete()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        guard isWelcome(connection, context) else {
            connection.close(promise: nil)
            return
        }
        let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let counter = counter
        let hasSpares = limits.whenFull == .replace
        connection.closeFuture.whenComplete { _ in
            let mustResume = counter.remove()
            guard mustResume || hasSpares else { return }
            loop.execute {
                let (gate, context) = gate.value
                gate.spares.refill()
                if mustResume { gate.resume(context) }
            }
        }
        let hasRoom = counter.add()
        context.fireChannelRead(data)
        if !hasRoom, limits.whenFull == .wait, counter.waitIfFull() { pause(.connectionLimit, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure.heard(error)
        guard let error = error as? IOError else {
            context.fireErrorCaught(error)
            return
        }
        // Otherwise it concerns the one connection that was to be accepted.
        guard Self.systemLimits.contains(error.errnoCode) else { return }
        // swift-nio tries again at once, and then has that one.
        guard !spares.spend(), !isPaused else { return }
        counter.waitForSystem()
        pause(.systemLimit, context, Self.remedy(for: error.errnoCode))
        systemRetry = context.eventLoop.assumeIsolated().scheduleTask(in: Self.systemPause) {
            self.spares.refill()
            self.resume(context)
        }
    }

    /// What the system lacks, and what helps.
    private static func remedy(for error: CInt) -> String {
        switch error {
        case EMFILE: "this process has too many open files; raise the limit (ulimit -n)"
        case ENFILE: "the system has too many open files; raise the limit (sysctl fs.file-max)"
        default: "the system has no memory left for a connection; raise the memory limit"
        }
    }

    // MARK: Pauses

    private func pause(_ reason: ConnectionEvent.Pause, _ context: ChannelHandlerContext, _ detail: String? = nil) {
        guard !isPaused else { return }
        isPaused = true
        observer.connectionChanged(.acceptingPaused(reason), .init(detail: detail))
        setReading(false, context)
        guard !looksAtQueue else { return }
        looksAtQueue = true
        lookAtQueue(context)
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isPaused else { return }
        isPaused = false
        systemRetry?.cancel()
        adaptToRoom(context)
        observer.connectionChanged(.acceptingResumed, .init())
        setReading(true, context)
    }

    /// Tells those who make room whether anyone needs it, until accepting goes on and nobody waits any more.
    ///
    /// Somebody waits as long as the queue is not empty, however many of those in front have got in meanwhile.
    private func lookAtQueue(_ context: ChannelHandlerContext) {
        let count = try? context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
            platform_accept_queue($0)
        }
        // Where the system does not tell, somebody is taken to wait as long as nobody is accepted.
        let waiting = count.flatMap { $0 < 0 ? nil : Int($0) } ?? (isPaused ? .max : 0)
        guard context.channel.isActive, isPaused || waiting > 0 else {
            looksAtQueue = false
            counter.setWaiting(0)
            return
        }
        if isPaused { counter.setWaiting(waiting) }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.queueInterval) { self.lookAtQueue(context) }
    }

    private func adaptToRoom(_ context: ChannelHandlerContext) {
        let count = limits.whenFull == .wait ? max(min(counter.room, Self.mostAtATime), 1) : Self.mostAtATime
        guard count != acceptedAtATime else { return }
        acceptedAtATime = count
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: UInt(count))
    }

    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        // It fails once the socket is closed, when there is nothing left to accept.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    // MARK: Addresses

    private func isWelcome(_ connection: any Channel, _ context: ChannelHandlerContext) -> Bool {
        guard let limit = limits.countPerAddress, let address = connection.remoteAddress?.ipAddress else { return true }
        guard countsByAddress[address, default: 0] < limit else {
            let client = connection.remoteAddress?.hostAndPort
            observer.connectionChanged(.refused(.addressLimit), .init(client: client))
            return false
        }
        countsByAddress[address, default: 0] += 1
        let gate = NIOLoopBound(self, eventLoop: context.eventLoop)
        connection.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            gate.value.leave(address)
        }
        return true
    }

    private func leave(_ address: String) {
        guard let count = countsByAddress[address] else { return }
        countsByAddress[address] = count == 1 ? nil : count - 1
    }
}
