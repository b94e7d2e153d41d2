// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService
internal import NIOCore

/// The registries of a port, one for each event loop.
struct ConnectionRegistries: Sendable {
    private let registries: [ObjectIdentifier: NIOLoopBoundBox<ConnectionRegistry>]
    private let buffers: [ObjectIdentifier: NIOLoopBoundBox<PortionBuffer>]

    /// Registries for a group's event loops.
    init(
        group: any EventLoopGroup,
        _ registry: (_ threadCount: Int, @escaping ConnectionRegistry.Schedule) -> ConnectionRegistry
    ) {
        let eventLoops = Array(group.makeIterator())
        var registries: [ObjectIdentifier: NIOLoopBoundBox<ConnectionRegistry>] = [:]
        var buffers: [ObjectIdentifier: NIOLoopBoundBox<PortionBuffer>] = [:]
        for eventLoop in eventLoops {
            let schedule: ConnectionRegistry.Schedule = { time, action in
                eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time), action)
            }
            registries[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(
                registry(eventLoops.count, schedule),
                eventLoop: eventLoop
            )
            buffers[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(PortionBuffer(), eventLoop: eventLoop)
        }
        (self.registries, self.buffers) = (registries, buffers)
    }

    /// Begins to carry a connection, which a gate let in, on its event loop, over TLS if there is security; fails if the socket was
    /// closed meanwhile.
    func welcome(_ channel: any Channel, security: TransportSecurity?, gate: AcceptGate) throws {
        let thread = ObjectIdentifier(channel.eventLoop)
        guard let registry = registries[thread]?.value, let buffer = buffers[thread]?.value,
            let client = channel.remoteAddress.flatMap(ClientAddress.init)
        else { throw ChannelError.ioOnClosedChannel }
        let limits = registry.listener.limits.connections
        let socket = ChannelSocket(channel, behind: gate, portion: limits.bufferedOutput, in: buffer)
        try channel.pipeline.syncOperations.addHandler(socket)
        let connection = socket.begin(from: client, in: registry, isShakingHands: security != nil)
        if let security {
            try channel.pipeline.syncOperations.addHandler(
                EncryptionDetector(connection, over: socket, security),
                position: .first
            )
        }
    }

    /// Returns when each event loop has done what it was given to do before.
    func awaitTurn() async {
        for registry in registries.values { try? await registry.eventLoop.submit {}.get() }
    }

    /// Ends each connection as soon as that loses nothing, and each that comes.
    func beginDrain() async {
        for registry in registries.values {
            try? await registry.eventLoop.submit { registry.value.beginDrain() }.get()
        }
    }

    /// Ends each connection as soon as that loses nothing; returns when there is none.
    func drain() async {
        await withTaskGroup { group in
            for registry in registries.values {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        registry.eventLoop.execute { registry.value.drain { continuation.resume() } }
                    }
                }
            }
        }
    }

    /// Ends every connection.
    func closeAll() async {
        for registry in registries.values {
            try? await registry.eventLoop.submit { registry.value.closeAll() }.get()
        }
    }
}
