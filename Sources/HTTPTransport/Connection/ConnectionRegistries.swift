// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import NIOCore

/// The registries of a listener, one for each event loop.
struct ConnectionRegistries: Sendable {
    private let registries: [ObjectIdentifier: NIOLoopBoundBox<ConnectionRegistry>]

    /// Registries for a group's event loops.
    init(group: any EventLoopGroup, _ registry: (any EventLoop) -> ConnectionRegistry) {
        var registries: [ObjectIdentifier: NIOLoopBoundBox<ConnectionRegistry>] = [:]
        for eventLoop in group.makeIterator() {
            registries[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(registry(eventLoop), eventLoop: eventLoop)
        }
        self.registries = registries
    }

    /// Begins to watch a connection on its event loop, over TLS if there is security; fails if the socket was closed meanwhile.
    func welcome(_ channel: any Channel, security: TransportSecurity?) throws {
        guard let registry = registries[ObjectIdentifier(channel.eventLoop)]?.value else {
            preconditionFailure("a listener's connections are on the event loops of its group")
        }
        let connection = Connection(channel, expectsTLS: security != nil, listener: registry.listener)
        let detector = ProtocolDetector(connection)
        connection.protocolHandler = detector
        if let security {
            try channel.pipeline.syncOperations.addHandler(EncryptionDetector(connection, security))
        }
        try channel.pipeline.syncOperations.addHandler(detector)
        connection.tell(.opened)
        registry.add(connection)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            registry.remove(connection)
            connection.tell(.closed)
        }
    }

    /// Ends every connection.
    func closeAll() async {
        for registry in registries.values {
            try? await registry.eventLoop.submit { registry.value.closeAll() }.get()
        }
    }
}
