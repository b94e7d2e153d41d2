// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import HTTPProtocol

/// Accepts connections at a listening socket on one reactor, beside those of the others.
final class Acceptor: ReactorWatcher {
    private let descriptor: CInt
    private let gate: AcceptGate
    private unowned let loop: ReactorLoop
    private let bufferBudget: SendBufferBudget
    /// The connections that were accepted here.
    let registry: ConnectionRegistry
    private var key: Int?

    /// The most connections that are accepted at a time, so that others of this thread, and other threads, get their turn.
    private static let mostAtATime = 4

    /// An acceptor on a loop, of a listening socket that is open as long as it is.
    init(
        _ descriptor: CInt,
        _ gate: AcceptGate,
        on loop: ReactorLoop,
        into registry: ConnectionRegistry,
        bufferBudget: SendBufferBudget
    ) {
        (self.descriptor, self.gate, self.loop) = (descriptor, gate, loop)
        (self.registry, self.bufferBudget) = (registry, bufferBudget)
        pauseChanged()
    }

    /// Begins to accept, or stops, as the gate says.
    func pauseChanged() {
        if gate.isPaused {
            stop()
        } else if key == nil {
            key = loop.watchShared(descriptor, self)
        }
    }

    /// Stops to accept.
    func stop() {
        guard let key else { return }
        loop.unwatch(descriptor, key: key)
        self.key = nil
    }

    func isReady(_ readiness: platform_readiness) { accept(upTo: Self.mostAtATime) }

    /// Accepts everyone who waits; nobody is to wait at a socket that is closed.
    func acceptAll() { accept(upTo: .max) }

    private func accept(upTo count: Int) {
        let schedule = registry.schedule
        for _ in 0..<count {
            guard gate.mayAccept() else { return gate.pauseIfFull(schedule) }
            var address = platform_address()
            let accepted = unsafe platform_accept(descriptor, &address)
            if accepted >= 0 {
                begin(accepted, from: ClientAddress(address))
                gate.pauseIfFull(schedule)
            } else {
                gate.removed(nil)
                guard gate.acceptFailed(-accepted, schedule) else { return }
            }
        }
    }

    private func begin(_ accepted: CInt, from client: ClientAddress?) {
        let gate = gate
        guard let client, gate.isWelcome(client) else {
            platform_close(accepted)
            gate.removed(nil)
            return
        }
        let socket = ReactorSocket(accepted, on: loop, bufferBudget: bufferBudget) { gate.removed(client) }
        socket.begin(from: client, in: registry)
    }
}
#endif
