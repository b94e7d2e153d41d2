// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPProtocol
internal import HTTPService
internal import Synchronization

/// Lets connections in at a listening socket for as long as there is room, and pauses when there is none.
///
/// Who comes during a pause waits in the system's queue. A pause ends when a connection does. When the system itself has
/// no descriptor or memory left for a connection, accepting is tried again after a while.
///
/// Threads that accept at one socket share it.
final class AcceptGate: Sendable {
    private struct State: ~Copyable {
        var isPaused = false
        var isClosed = false
        var looksAtQueue = false
        var pauseChanged: @Sendable () -> Void = {}
        /// The listening socket, where the system tells how many wait there; nil where there is none.
        var descriptor: CInt?
        /// For those who come when there is no other left, where nobody may have to wait.
        var spares: SpareDescriptors
    }

    private let limits: ConnectionLimits
    /// How many connections there are.
    private let counter: ConnectionCounter
    private let addresses: AddressCounts
    private let observer: any ConnectionObserver
    private let state: Mutex<State>

    /// How long to wait when the system cannot give a connection.
    static let systemPause = Duration.seconds(1)
    /// How many descriptors are kept where newcomers replace others: for a kubelet's probes and a collector.
    private static let spareCount = 4
    /// How often it is looked whether anyone waits.
    private static let queueInterval = Duration.milliseconds(100)

    /// A gate.
    ///
    /// - Parameters:
    ///   - descriptor: The listening socket, if there is one already.
    ///   - limits: How many connections there may be.
    ///   - counter: Counts them.
    ///   - observer: Learns of pauses and refusals.
    init(_ descriptor: CInt?, limits: ConnectionLimits, counter: ConnectionCounter, observer: any ConnectionObserver) {
        (self.limits, self.counter, self.observer) = (limits, counter, observer)
        addresses = AddressCounts(limit: limits.countPerAddress)
        let spares = SpareDescriptors(limits.whenFull == .replace ? Self.spareCount : 0)
        state = Mutex(State(descriptor: descriptor, spares: spares))
    }

    /// Says at which socket those wait who are let in.
    func listen(at descriptor: CInt) {
        state.withLock { $0.descriptor = descriptor }
    }

    /// Says what happens when a pause begins or ends: whoever accepts looks at ``isPaused`` then.
    func whenPauseChanges(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.pauseChanged = action }
    }

    /// Whether the port was closed on purpose.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// For how many more connections there is room.
    var room: Int { limits.whenFull == .wait ? counter.room : .max }

    /// Whether nobody is accepted.
    var isPaused: Bool { state.withLock { $0.isPaused } }

    // MARK: Connections

    /// Counts a connection that is about to be accepted; false if none may be.
    ///
    /// Whatever comes of it, ``removed(_:)`` follows in the end.
    func mayAccept() -> Bool {
        guard !isPaused else { return false }
        guard limits.whenFull == .wait else {
            counter.add()
            return true
        }
        return counter.reserve()
    }

    /// Whether a connection that was accepted may stay.
    func isWelcome(_ client: ClientAddress) -> Bool {
        if addresses.add(client) { return true }
        observer.connectionChanged(.refused(.addressLimit), .init(client: client))
        return false
    }

    /// Pauses if there is no room for another connection; `schedule` has things done later on this thread.
    func pauseIfFull(_ schedule: @escaping ConnectionRegistry.Schedule) {
        guard limits.whenFull == .wait, counter.isFull else { return }
        pause(.connectionLimit, nil, schedule)
        // Another thread's connection may have ended meanwhile.
        if !counter.isFull { resume() }
    }

    /// Records that a connection has ended, or that there was none; `client` was welcome, if it is given.
    func removed(_ client: ClientAddress?) {
        if let client { addresses.remove(client) }
        counter.remove()
        if limits.whenFull == .replace { state.withLock { $0.spares.refill() } }
        if !counter.isFull { resume() }
    }

    /// Records an error of accept(2); returns whether to try again at once.
    func acceptFailed(_ error: CInt, _ schedule: @escaping ConnectionRegistry.Schedule) -> Bool {
        // Otherwise it concerns the one connection that was to be accepted, or there is none.
        guard let shortage = SystemShortage(error) else { return false }
        if state.withLock({ $0.spares.spend() }) { return true }
        pause(for: shortage.description, schedule)
        return false
    }

    /// Records an error of epoll_ctl(2), by which a thread does not learn of those who come, or of what one of them sends; whoever
    /// watches tries again after a while.
    func watchFailed(_ error: CInt, _ schedule: @escaping ConnectionRegistry.Schedule) {
        let shortage = SystemShortage(error)?.description
        pause(for: shortage ?? "a socket cannot be watched (error \(error))", schedule)
    }

    private func pause(for shortage: String, _ schedule: @escaping ConnectionRegistry.Schedule) {
        pause(.systemLimit, shortage, schedule)
        schedule(Self.systemPause) {
            self.state.withLock { $0.spares.refill() }
            self.resume()
        }
    }

    // MARK: Pauses

    private func pause(
        _ reason: ConnectionEvent.Pause,
        _ detail: String?,
        _ schedule: @escaping ConnectionRegistry.Schedule
    ) {
        let (pauseChanged, mustLook) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
            guard !state.isPaused else { return (nil, false) }
            state.isPaused = true
            defer { state.looksAtQueue = true }
            return (state.pauseChanged, !state.looksAtQueue)
        }
        guard let pauseChanged else { return }
        observer.connectionChanged(.acceptingPaused(reason), .init(detail: detail))
        pauseChanged()
        if mustLook { lookAtQueue(schedule) }
    }

    private func resume() {
        let pauseChanged = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.isPaused else { return nil }
            state.isPaused = false
            return state.pauseChanged
        }
        guard let pauseChanged else { return }
        observer.connectionChanged(.acceptingResumed, .init())
        pauseChanged()
    }

    /// Tells those who make room whether anyone needs it, until accepting goes on and nobody waits any more.
    ///
    /// Somebody waits as long as the queue is not empty, however many of those in front have got in meanwhile.
    private func lookAtQueue(_ schedule: @escaping ConnectionRegistry.Schedule) {
        let (isPaused, isClosed, count) = state.withLock { state in
            (state.isPaused, state.isClosed, state.descriptor.map(platform_accept_queue) ?? -1)
        }
        guard !isClosed else { return }
        // Where the system does not tell, somebody is taken to wait as long as nobody is accepted.
        let waiting = count >= 0 ? Int(count) : isPaused ? .max : 0
        guard isPaused || waiting > 0 else {
            state.withLock { $0.looksAtQueue = false }
            counter.setWaiting(0)
            return
        }
        if isPaused { counter.setWaiting(waiting) }
        schedule(Self.queueInterval) { self.lookAtQueue(schedule) }
    }

    /// Ends a pause for good: the socket is about to be closed.
    func close() {
        state.withLock { state in
            state.isPaused = false
            state.isClosed = true
            state.descriptor = nil
            state.pauseChanged = {}
        }
    }
}
