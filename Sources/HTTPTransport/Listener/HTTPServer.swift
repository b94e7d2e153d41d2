// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPProtocol
package import HTTPSemantics
package import HTTPService
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// A listener and its connections: HTTP/1.x and HTTP/2 on one port, in the clear or over TLS.
///
/// 1. `bind` opens the port; from then on requests are answered.
/// 2. `run` lasts until a graceful shutdown begins,
/// 3. then closes the port and the idle connections,
/// 4. and returns when the last answer under way is sent, or when the time for that is up.
package struct HTTPServer: Service, CustomStringConvertible {
    /// The address and port that it listens on.
    package var address: String { listenerPort.address }
    /// The port that it listens on.
    package var port: Int { listenerPort.number }

    /// What a service group's log calls it, which would otherwise print all that it is made of.
    package var description: String { "HTTP server at \(address)" }

    let listenerPort: any ListenerPort
    private let drainTimeout: Duration

    /// The most connections that may wait to be accepted.
    private static let backlog: CInt = 1024

    /// Opens a port and begins to answer.
    ///
    /// - Parameters:
    ///   - endpoint: Where to listen.
    ///   - responder: Makes what gives the answers, for each thread.
    ///   - observer: Makes the observer of exchanges and of connections, for each thread, so that none waits for
    ///     another.
    ///   - security: What makes it speak TLS; nil for a plain port.
    ///   - limits: What clients may do.
    ///   - selection: Which request fields the responders read besides those that every service reads.
    ///   - drainTimeout: How long answers under way may take once a shutdown has begun.
    ///   - now: Tells the present, for `Date`.
    /// - Returns: The open listener.
    /// - Throws: ``BindError``, with the endpoint, the reason and the remedy.
    package static func bind(
        _ endpoint: Endpoint,
        responder: @escaping @Sendable () -> any Responder,
        observer: @escaping @Sendable () -> any ListenerObserver,
        security: TransportSecurity? = nil,
        limits: Limits = Limits(),
        reading selection: FieldSelection = FieldSelection(),
        drainTimeout: Duration,
        now: @escaping @Sendable () -> HTTPDate
    ) async throws(BindError) -> HTTPServer {
        let counter = ConnectionCounter(limit: limits.connections.count, now: limits.deadlines.now)
        let makeGate = { (descriptor: CInt?) in
            AcceptGate(descriptor, limits: limits.connections, counter: counter, observer: observer())
        }
        let makeRegistry = { @Sendable (threadCount: Int, schedule: @escaping ConnectionRegistry.Schedule) in
            let listener = ListenerContext(
                responder: responder(),
                observer: observer(),
                limits: limits,
                date: DateField(now: now),
                selection: selection
            )
            return ConnectionRegistry(
                of: threadCount,
                listener: listener,
                counter: counter,
                credentials: security?.credentials,
                schedule: schedule
            )
        }
        let port: any ListenerPort = try await endpoint.bind { address in
            #if os(Linux)
            guard let security else {
                return try await ReactorPort(address, backlog: backlog, gate: makeGate, registry: makeRegistry)
                    as any ListenerPort
            }
            #endif
            return try await ChannelPort(
                address,
                backlog: backlog,
                security: security,
                gate: makeGate,
                registry: makeRegistry
            )
        }
        return HTTPServer(listenerPort: port, drainTimeout: drainTimeout)
    }

    private init(listenerPort: any ListenerPort, drainTimeout: Duration) {
        (self.listenerPort, self.drainTimeout) = (listenerPort, drainTimeout)
    }

    /// Serves until a graceful shutdown has begun and every answer under way is sent.
    ///
    /// - Throws: ``ListenerFailure``, if the system has closed the port.
    package func run() async throws {
        switch await end() {
        case .shutdown: await drain()
        case .failed(let failure): throw failure
        // A cancelled task means that there is no time left to drain.
        case nil: return
        }
    }

    private enum End: Sendable {
        case shutdown
        case failed(ListenerFailure)
    }

    /// Waits until a shutdown begins, or the port is closed without one.
    private func end() async -> End? {
        let (ends, continuation) = AsyncStream.makeStream(of: End.self)
        listenerPort.whenFailed { continuation.yield(.failed($0)) }
        return await withGracefulShutdownHandler {
            await ends.first { _ in true }
        } onGracefulShutdown: {
            continuation.yield(.shutdown)
        }
    }

    private func drain() async {
        let port = listenerPort
        let timeout = Task {
            try await Task.sleep(for: drainTimeout)
            await port.closeAll()
        }
        await port.drain()
        timeout.cancel()
    }
}

/// What the process's event loops take of the system.
package enum EventLoops {
    /// What `epoll` needs for one of SwiftNIO's: itself, an event and a timer (`Selector`); and for a reactor: itself and an event.
    private static let descriptorsEach = 5

    /// How many descriptors they take.
    ///
    /// They begin together, when the first one is used; the process ends if there are too few.
    package static var descriptorCount: Int { descriptorsEach * NIOSingletons.groupLoopCountSuggestion }
}
