// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore

/// The watches of a listener, one for each event loop.
struct ConnectionWatches: Sendable {
    private let watches: [ObjectIdentifier: NIOLoopBoundBox<ConnectionWatch>]

    /// Watches for a group's event loops.
    init(group: any EventLoopGroup, _ watch: (any EventLoop) -> ConnectionWatch) {
        var watches: [ObjectIdentifier: NIOLoopBoundBox<ConnectionWatch>] = [:]
        for eventLoop in group.makeIterator() {
            watches[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(watch(eventLoop), eventLoop: eventLoop)
        }
        self.watches = watches
    }

    /// Begins with a connection that was accepted: from now on it is watched.
    ///
    /// - Parameters:
    ///   - channel: The socket, on whose event loop this is called.
    ///   - security: What makes it speak TLS; nil if it does not.
    /// - Throws: When the socket was closed meanwhile.
    func welcome(_ channel: any Channel, security: TransportSecurity?) throws {
        guard let watch = watches[ObjectIdentifier(channel.eventLoop)]?.value else {
            preconditionFailure("a listener's connections are on the event loops of its group")
        }
        let connection = Connection(channel, expectsTLS: security != nil, exchanges: watch.exchanges)
        let detector = ProtocolDetector(connection)
        connection.speaker = detector
        if let security {
            try channel.pipeline.syncOperations.addHandler(EncryptionDetector(connection, security))
        }
        try channel.pipeline.syncOperations.addHandler(detector)
        connection.tell(.opened)
        watch.add(connection)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            watch.remove(connection)
            connection.tell(.closed)
        }
    }

    /// Ends every connection.
    func cutAll() async {
        for watch in watches.values {
            try? await watch.eventLoop.submit { watch.value.cutAll() }.get()
        }
    }
}
