// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import HTTPSemantics
package import HTTPService
internal import NIOCore
internal import NIOExtras
internal import NIOPosix
internal import ServiceLifecycle

/// A listener and its connections: HTTP/1.x and HTTP/2 on one port, in the clear or over TLS.
///
/// 1. `bind` opens the port; from then on requests are answered.
/// 2. `run` lasts until a graceful shutdown begins,
/// 3. then closes the port and the idle connections,
/// 4. and returns when the last answer under way is sent, or when the time for that is up.
package struct HTTPServer: Service {
    /// The address and port that it listens on.
    package let address: String
    /// The port that it listens on.
    package let port: Int

    /// The listening socket.
    let channel: any Channel
    private let failure: ListenerFailure.Cause
    private let quiescing: ServerQuiescingHelper
    private let registries: ConnectionRegistries
    private let drainTimeout: TimeAmount

    /// The most connections that may wait to be accepted.
    private static let backlog: Int32 = 1024
    /// How much of an answer the system may take before the client does, in bytes; Linux doubles it for its own needs.
    ///
    /// Left to itself, Linux lets it grow to several megabytes a connection. Then one module fills it at a stroke, slow
    /// clients hold that memory, and four downloads at once were measured to be a third slower than with this size.
    private static let sendBufferSize = 256 << 10
    /// How much of that the system may hold beyond what the client's window lets it send, in bytes.
    ///
    /// It is all that a client that takes nothing can make the system hold, and costs no other anything.
    private static let unsentSize = 64 << 10
    private static let unsentOption = NIOBSDSocket.Option(rawValue: CInt(platform_not_sent_low_water))
    /// The most bytes that are read at a time: requests are small.
    private static let maximumReadSize = 16 << 10

    /// Opens a port and begins to answer.
    ///
    /// - Parameters:
    ///   - endpoint: Where to listen.
    ///   - responder: Makes what gives the answers, for each event loop.
    ///   - observer: Makes the observer of exchanges and of connections, for each event loop, so that none waits for
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
        let loopCount = Array(MultiThreadedEventLoopGroup.singleton.makeIterator()).count
        let registries = ConnectionRegistries(group: .singletonMultiThreadedEventLoopGroup) { eventLoop in
            let listener = ListenerContext(
                responder: responder(),
                observer: observer(),
                limits: limits,
                date: DateField(now: now),
                selection: selection
            )
            return ConnectionRegistry(
                on: eventLoop,
                of: loopCount,
                listener: listener,
                counter: counter,
                credentials: security?.credentials
            )
        }
        let failure = ListenerFailure.Cause()
        let quiescing = ServerQuiescingHelper(group: .singletonMultiThreadedEventLoopGroup)
        let channel = try await endpoint.bind {
            ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: backlog)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.socketOption(.so_sndbuf), value: sendBufferSize)
                .serverChannelOption(.tcpOption(unsentOption), value: unsentSize)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            AcceptGate(
                                limits: limits.connections,
                                counter: counter,
                                observer: observer(),
                                failure: failure
                            ),
                            quiescing.makeServerChannelHandler(channel: channel)
                        )
                    }
                }
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try registries.welcome(channel, security: security)
                    }
                }
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: maximumReadSize)
                )
        }
        return HTTPServer(
            channel: channel,
            failure: failure,
            quiescing: quiescing,
            registries: registries,
            drainTimeout: TimeAmount(drainTimeout)
        )
    }

    private init(
        channel: any Channel,
        failure: ListenerFailure.Cause,
        quiescing: ServerQuiescingHelper,
        registries: ConnectionRegistries,
        drainTimeout: TimeAmount
    ) {
        self.channel = channel
        self.failure = failure
        self.quiescing = quiescing
        self.registries = registries
        self.drainTimeout = drainTimeout
        address = channel.localAddress?.hostAndPort ?? "unknown"
        port = channel.localAddress?.port ?? 0
    }

    /// Serves until a graceful shutdown has begun and every answer under way is sent.
    ///
    /// - Throws: ``ListenerFailure``, if the system has closed the port.
    package func run() async throws {
        switch await end() {
        case .shutdown: try await drain()
        case .closed: throw ListenerFailure(address: address, cause: failure.last)
        // A cancelled task means that there is no time left to drain.
        case nil: return
        }
    }

    private enum End: Sendable {
        case shutdown, closed
    }

    /// Waits until a shutdown begins, or the port is closed without one.
    private func end() async -> End? {
        let (ends, continuation) = AsyncStream.makeStream(of: End.self)
        channel.closeFuture.whenComplete { _ in continuation.yield(.closed) }
        return await withGracefulShutdownHandler {
            await ends.first { _ in true }
        } onGracefulShutdown: {
            continuation.yield(.shutdown)
        }
    }

    private func drain() async throws {
        let drained = channel.eventLoop.makePromise(of: Void.self)
        let timeout = channel.eventLoop.scheduleTask(in: drainTimeout) { drained.succeed() }
        let closed = channel.eventLoop.makePromise(of: Void.self)
        closed.futureResult.cascade(to: drained)
        quiescing.initiateShutdown(promise: closed)
        try await drained.futureResult.get()
        timeout.cancel()
        await registries.closeAll()
    }
}

/// What the process's event loops take of the system.
package enum EventLoops {
    /// What `epoll` needs for one: itself, an event and a timer (`Selector`).
    private static let descriptorsEach = 3

    /// How many descriptors they take.
    ///
    /// They begin together, when the first one is used; the process ends if there are too few.
    package static var descriptorCount: Int { descriptorsEach * NIOSingletons.groupLoopCountSuggestion }
}
