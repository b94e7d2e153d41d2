// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPProtocol
internal import HTTPService
internal import NIOCore
internal import NIOPosix

/// A port at which SwiftNIO accepts: of TLS, and on systems without epoll in the clear.
final class ChannelPort: ListenerPort {
    let number: Int
    let address: String
    /// The listening socket.
    let channel: any Channel
    private let backlog: CInt
    private let cause: ListenerFailure.Cause
    private let gate: AcceptGate
    private let registries: ConnectionRegistries

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
    /// How often it is looked whether anyone still waits at a port that is about to be closed.
    private static let queueInterval = Duration.milliseconds(5)
    /// The most bytes that are read at a time: requests are small.
    private static let maximumReadSize = 16 << 10

    /// Opens a port.
    ///
    /// - Parameters:
    ///   - address: Where.
    ///   - backlog: The most connections that may wait to be accepted.
    ///   - security: What makes it speak TLS; nil in the clear.
    ///   - makeGate: Makes the gate of the listening socket.
    ///   - registry: Makes the registry of each thread's connections.
    /// - Throws: What SwiftNIO says if it cannot be opened.
    init(
        _ address: SocketAddress,
        backlog: CInt,
        security: TransportSecurity?,
        gate makeGate: (CInt?) -> AcceptGate,
        registry: @escaping @Sendable (_ threadCount: Int, @escaping ConnectionRegistry.Schedule) -> ConnectionRegistry
    ) async throws {
        let registries = ConnectionRegistries(group: .singletonMultiThreadedEventLoopGroup, registry)
        let (gate, cause) = (makeGate(nil), ListenerFailure.Cause())
        var bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.so_sndbuf), value: SocketOptionValue(Self.sendBufferSize))
            .serverChannelOption(.tcpOption(Self.unsentOption), value: SocketOptionValue(Self.unsentSize))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.withUnsafeTransportIfAvailable(of: CInt.self) { gate.listen(at: $0) }
                    try pipeline.addHandler(AcceptHandler(gate, cause))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try registries.welcome(channel, security: security, gate: gate)
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: Self.maximumReadSize)
            )
        if address.protocol == .inet6 {
            // It serves IPv4 too, whatever the system's default is (`net.ipv6.bindv6only`).
            bootstrap = bootstrap.serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
                value: 0
            )
        }
        channel = try await bootstrap.bind(to: address).get()
        (self.registries, self.gate, self.cause, self.backlog) = (registries, gate, cause, backlog)
        number = channel.localAddress?.port ?? 0
        self.address = channel.localAddress.flatMap(ClientAddress.init)?.description ?? "unknown"
    }

    func whenFailed(_ action: @escaping @Sendable (ListenerFailure) -> Void) {
        channel.closeFuture.whenComplete { [address, cause, gate] _ in
            if !gate.isClosed { action(ListenerFailure(address: address, cause: cause.last)) }
        }
    }

    func drain() async {
        // Those who come meanwhile count among those who wait, but they are at most as many as may wait at a time.
        let last = await (try? channel.eventLoop.submit { [self] in try acceptedCount + Int(backlog) }.get()) ?? 0
        if await !closeUnlessAnyoneWaits(upTo: last) {
            // Where there is no room, others make it.
            await registries.beginDrain()
            while await !closeUnlessAnyoneWaits(upTo: last) { try? await Task.sleep(for: Self.queueInterval) }
        }
        await registries.drain()
    }

    /// Closes the port if everyone who was accepted is registered, and either nobody waits any more or so many were accepted: who
    /// waits at a port that is closed is reset.
    private func closeUnlessAnyoneWaits(upTo last: Int) async -> Bool {
        let acceptedCount = try? await channel.eventLoop.submit { try self.acceptedCount }.get()
        // Who was accepted up to now is registered behind that.
        await registries.awaitTurn()
        return await
            (try? channel.eventLoop.submit { [self] in
                guard !gate.isClosed else { return true }
                let count = try self.acceptedCount
                guard try count == acceptedCount && !hasQueue || count > last else { return false }
                close()
                return true
            }.get()) ?? true
    }

    private var acceptedCount: Int {
        get throws { try channel.pipeline.syncOperations.handler(type: AcceptHandler.self).acceptedCount }
    }

    /// Whether anyone waits to be accepted, as far as the system tells.
    private var hasQueue: Bool {
        get throws {
            let count = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
                platform_accept_queue($0)
            }
            return count ?? 0 > 0
        }
    }

    private func close() {
        gate.close()
        channel.close(promise: nil)
    }

    func closeAll() async {
        close()
        await registries.closeAll()
    }
}
