// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import HTTPProtocol
internal import HTTPService

/// Accepts connections at a listening socket on one reactor, beside those of the others.
final class Acceptor: ReactorWatcher {
    private let descriptor: CInt
    private let gate: AcceptGate
    private unowned let loop: ReactorLoop
    private let bufferBudget: SendBufferBudget
    private var phase = Phase.accepting
    /// The connections that were accepted here.
    let registry: ConnectionRegistry
    private var key: Int?

    private enum Phase {
        case accepting
        /// Those who wait are accepted, at most so many, and others are not.
        case draining(rest: Int, whenDone: () -> Void)
        case stopped
    }

    /// An acceptor on a loop, of a listening socket that is open as long as it is.
    ///
    /// - Throws: What epoll_ctl(2) says if the socket cannot be watched.
    init(
        _ descriptor: CInt,
        _ gate: AcceptGate,
        on loop: ReactorLoop,
        into registry: ConnectionRegistry,
        bufferBudget: SendBufferBudget
    ) throws(SocketError) {
        (self.descriptor, self.gate, self.loop) = (descriptor, gate, loop)
        (self.registry, self.bufferBudget) = (registry, bufferBudget)
        try watchUnlessPaused()
    }

    /// Begins to accept, or stops, as the gate says.
    func pauseChanged() {
        switch phase {
        case .accepting:
            do throws(SocketError) {
                try watchUnlessPaused()
            } catch {
                gate.watchFailed(error.number, registry.schedule)
            }
        case .draining: acceptRest()
        case .stopped: break
        }
    }

    private func watchUnlessPaused() throws(SocketError) {
        if gate.isPaused {
            unwatch()
        } else if key == nil {
            key = try loop.watchShared(descriptor, self)
        }
    }

    private func unwatch() {
        guard let key else { return }
        loop.unwatch(descriptor, key: key)
        self.key = nil
    }

    // MARK: The end

    /// Stops to accept, for good.
    func stop() {
        unwatch()
        guard case .draining(_, let whenDone) = phase else { return phase = .stopped }
        phase = .stopped
        whenDone()
    }

    /// Accepts those who wait, each as soon as there is room, and calls `whenDone` in the turn in which nobody does any more.
    ///
    /// Those who come meanwhile count among them, but they are at most as many as may wait at a time.
    func acceptRest(upTo count: Int, _ whenDone: @escaping () -> Void) {
        // There was no time for them.
        if case .stopped = phase { return whenDone() }
        unwatch()
        phase = .draining(rest: count, whenDone: whenDone)
        acceptRest()
    }

    private func acceptRest() {
        while case .draining(let rest, let whenDone) = phase, !gate.isPaused {
            guard rest > 0 else { return stop() }
            guard gate.mayAccept() else {
                gate.pauseIfFull(registry.schedule)
                continue
            }
            phase = .draining(rest: rest - 1, whenDone: whenDone)
            guard let error = acceptOne() else { continue }
            guard error != EAGAIN else { return stop() }
            _ = gate.acceptFailed(error, registry.schedule)
        }
    }

    // MARK: Accepting

    /// Accepts one: others of this thread, and other threads, get their turn, and nobody asks in vain whether there is another.
    func isReady(_ readiness: platform_readiness) {
        guard gate.mayAccept(), let error = acceptOne() else { return gate.pauseIfFull(registry.schedule) }
        // If there is a descriptor now, the socket is ready still.
        _ = gate.acceptFailed(error, registry.schedule)
    }

    /// Accepts one for whom there is room; returns the error of accept(2) if that fails.
    private func acceptOne() -> CInt? {
        var address = platform_address()
        let accepted = unsafe platform_accept(descriptor, &address)
        guard accepted >= 0 else {
            gate.removed(nil)
            return -accepted
        }
        begin(accepted, from: ClientAddress(address))
        return nil
    }

    private func begin(_ accepted: CInt, from client: ClientAddress?) {
        guard let client, gate.isWelcome(client) else {
            platform_close(accepted)
            gate.removed(nil)
            return
        }
        let socket = ReactorSocket(accepted, on: loop, behind: gate, bufferBudget: bufferBudget)
        socket.begin(from: client, in: registry)
    }
}
#endif
