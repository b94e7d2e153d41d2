// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import CPlatform
internal import HTTPProtocol
internal import HTTPService
internal import NIOCore
internal import Synchronization

/// A port in the clear, at which all reactors accept.
///
/// They share one listening socket: what waits there when one of them is busy, another takes.
final class ReactorPort: ListenerPort {
    let number: Int
    let address: String
    private let descriptor: CInt
    private let backlog: CInt
    private let gate: AcceptGate
    /// By what reactors know it.
    private let id: Int

    private static let lastID = Atomic(0)

    /// Opens a port.
    ///
    /// - Parameters:
    ///   - address: Where.
    ///   - backlog: The most connections that may wait to be accepted.
    ///   - makeGate: Makes the gate of the listening socket.
    ///   - registry: Makes the registry of each thread's connections.
    /// - Throws: ``SocketError``, if it cannot be opened, or a reactor cannot wait for those who come.
    init(
        _ address: SocketAddress,
        backlog: CInt,
        gate makeGate: (CInt) -> AcceptGate,
        registry: @escaping @Sendable (_ threadCount: Int, @escaping ConnectionRegistry.Schedule) -> ConnectionRegistry
    ) async throws(SocketError) {
        let descriptor = unsafe address.withSockAddr { address, length in
            unsafe platform_listen(address, UInt32(length), backlog)
        }
        guard descriptor >= 0 else { throw SocketError(number: -descriptor) }
        // Connections inherit it.
        _ = platform_limit_unsent(descriptor, CInt(ReactorSocket.unsentSize))
        (self.descriptor, self.backlog) = (descriptor, backlog)
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        var local = platform_address()
        _ = unsafe platform_local_address(descriptor, &local)
        number = Int(local.port)
        self.address = ClientAddress(local)?.description ?? "unknown"
        gate = makeGate(descriptor)
        let bufferBudget = SendBufferBudget()
        let reactors = Reactor.all
        // An acceptor that is not there yet looks itself.
        gate.whenPauseChanges { [id] in
            for reactor in reactors { reactor.run { $0.acceptors[id]?.pauseChanged() } }
        }
        let failure = Mutex<SocketError?>(nil)
        for reactor in reactors {
            await reactor.finish { [gate, id] loop in
                let connections = registry(reactors.count) { [unowned loop] in loop.schedule(after: $0, $1) }
                do throws(SocketError) {
                    loop.acceptors[id] = try Acceptor(
                        descriptor,
                        gate,
                        on: loop,
                        into: connections,
                        bufferBudget: bufferBudget
                    )
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) {
            await drain()
            throw failure
        }
    }

    /// It never does: whatever accept(2) says, the socket stays open.
    func whenFailed(_ action: @escaping @Sendable (ListenerFailure) -> Void) {}

    func drain() async {
        await close()
        await withTaskGroup { group in
            for reactor in Reactor.all { group.addTask { await self.drain(on: reactor) } }
        }
    }

    /// Closes the port as soon as nobody waits there any more: who does would be reset.
    private func close() async {
        for reactor in Reactor.all.dropFirst() { await reactor.finish { [id] in $0.acceptors[id]?.stop() } }
        await withCheckedContinuation { continuation in
            Reactor.all[0].run { [id, backlog, gate, descriptor] loop in
                // In the turn in which the last of them is accepted, so that nobody comes in between.
                let whenDone = {
                    gate.close()
                    platform_close(descriptor)
                    continuation.resume()
                }
                guard let acceptor = loop.acceptors[id] else { return whenDone() }
                acceptor.acceptRest(upTo: Int(backlog) + 1, whenDone)
                // Where there is no room, others make it.
                for reactor in Reactor.all { reactor.run { $0.acceptors[id]?.registry.beginDrain() } }
            }
        }
    }

    private func drain(on reactor: Reactor) async {
        await withCheckedContinuation { continuation in
            reactor.run { [id] loop in
                guard let acceptor = loop.acceptors[id] else { return continuation.resume() }
                acceptor.registry.drain {
                    loop.acceptors[id] = nil
                    continuation.resume()
                }
            }
        }
    }

    func closeAll() async {
        // A connection that ends makes room at all of them.
        for reactor in Reactor.all { await reactor.finish { [id] in $0.acceptors[id]?.stop() } }
        for reactor in Reactor.all { await reactor.finish { [id] in $0.acceptors[id]?.registry.closeAll() } }
    }
}
#endif
