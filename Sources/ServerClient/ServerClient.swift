// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import Dispatch
package import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Asks a server for one thing, on a connection of its own, within limits of time and bytes.
package struct ServerClient: Sendable {
    /// Who is asked.
    package let origin: Origin
    let trust: ClientTLS
    /// How long one answer may take, from connecting on.
    package private(set) var timeout: Duration
    /// The product that every request names in front of its `User-Agent`; nil for none.
    private var product: String?

    /// A client.
    ///
    /// - Parameters:
    ///   - origin: Who is asked.
    ///   - trust: Whom a client of TLS believes.
    ///   - timeout: How long one answer may take, from connecting on.
    package init(_ origin: Origin, trusting trust: ClientTLS = .system, timeout: Duration) {
        (self.origin, self.trust, self.timeout) = (origin, trust, timeout)
    }

    /// The same, of which every request names a product in front of what it says else in `User-Agent` (RFC 9110 §10.1.5).
    package func naming(_ product: String) -> ServerClient {
        var client = self
        client.product = product
        return client
    }

    /// The same, whose answers may take so long.
    package func answering(within time: Duration) -> ServerClient {
        var client = self
        client.timeout = time
        return client
    }

    /// The name that a TLS client says that it asks for; nil for an address (RFC 6066 §3).
    var serverName: String? { origin.name.isAddress ? nil : origin.name.host }

    /// Every address of the origin's host; whoever is cancelled waits for no name server.
    ///
    /// - Throws: ``FetchError/unresolved(_:)``, also if there is none.
    package func addresses() async throws(FetchError) -> [SocketAddress] {
        if origin.name.isAddress, let address = try? SocketAddress(ipAddress: origin.name.host, port: origin.port) {
            return [address]
        }
        let host = origin.name.host
        let (lookups, continuation) = AsyncStream.makeStream(of: HostLookup.self)
        // A queue of its own brings a thread of its own: one that hangs takes none of those that Swift's tasks share.
        DispatchQueue(label: "wasm-server.lookup").async {
            continuation.yield(HostLookup.blocking(host))
            continuation.finish()
        }
        switch await lookups.first(where: { _ in true }) {
        case .addresses(let found) where !found.isEmpty:
            return found.compactMap { try? SocketAddress(packedIPAddress: ByteBuffer(bytes: $0), port: origin.port) }
        case .addresses: throw .unresolved("there is no \(host)")
        case .failed(let reason): throw .unresolved(reason)
        case nil: throw .cancelled
        }
    }

    /// Sends a request to the first address that accepts a connection, and takes the whole answer.
    ///
    /// - Throws: ``FetchError``.
    package func fetch(_ request: FetchRequest) async throws(FetchError) -> FetchedResponse {
        let addresses = try await addresses()
        return try await AddressFailover(addresses, within: timeout).first { address, time throws(FetchError) in
            try await fetch(request, from: address, within: time)
        }
    }

    /// Sends a request to one address, and takes the whole answer, of any status.
    ///
    /// - Throws: ``FetchError``.
    package func fetch(_ request: FetchRequest, from address: SocketAddress) async throws(FetchError) -> FetchedResponse
    {
        try await fetch(request, from: address, within: .init(connecting: timeout, whole: timeout))
    }

    private func fetch(
        _ request: FetchRequest,
        from address: SocketAddress,
        within time: AddressFailover.Time
    ) async throws(FetchError) -> FetchedResponse {
        let security = origin.isSecure ? try security(for: request.version, as: request.client) : nil
        let destination = FetchDestination(address, authority: origin.authority, security: security)
        let timing = FetchTiming(connecting: time.connecting, .whole(time.whole))
        return try await FetchExchange.run(
            product.map { request.naming($0) } ?? request,
            to: destination,
            within: timing,
            readingAhead: true
        ) { exchange throws(FetchError) in
            let head = try await exchange.head()
            var body: [UInt8] = []
            while let chunk = try await exchange.chunk() { body += chunk.readableBytesView }
            return FetchedResponse(head: head, body: body)
        }
    }

    /// How a connection is encrypted as one kind of client would have it; ``ClientTLS``.
    func security(
        for version: FetchRequest.Version,
        as client: TLSClient,
        verifying verification: CertificateVerification = .fullVerification
    ) throws(FetchError) -> ClientSecurity {
        do {
            return try trust.security(for: version, as: client, verifying: verification, serverName: serverName)
        } catch {
            throw TLSFailure(error, at: platform_seconds()).map { .tls($0) } ?? .unreachable("\(error)")
        }
    }
}

// What is no exchange of HTTP.
extension ServerClient {
    /// Sends bytes on a plain connection, and takes the first that come back.
    ///
    /// - Throws: ``FetchError``, also if nothing comes back.
    package func firstBytes(
        after bytes: [UInt8],
        from address: SocketAddress
    ) async throws(FetchError) -> [UInt8] {
        try await connecting(to: address) { channel, promise in
            try channel.pipeline.syncOperations.addHandler(FirstBytesHandler(after: bytes, promise))
        }
    }

    /// Connects, and waits for what the connection's handlers promise.
    ///
    /// - Parameters:
    ///   - address: Where the server is.
    ///   - prepare: Gives a connection its handlers.
    /// - Returns: What was promised.
    /// - Throws: ``FetchError``.
    func connecting<Value: Sendable>(
        to address: SocketAddress,
        _ prepare: @escaping @Sendable (any Channel, EventLoopPromise<Value>) throws -> Void
    ) async throws(FetchError) -> Value {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Value.self)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(FetchError.timedOut(afterConnecting: true))
        }
        defer { deadline.cancel() }
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(timeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, promise) }
                }
                .connect(to: address).get()
            defer { channel.close(promise: nil) }
            return try await promise.futureResult.get()
        } catch {
            promise.fail(error)
            throw FetchError(connecting: error)
        }
    }
}

/// Sends bytes, and keeps a promise of the first that come back.
private final class FirstBytesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let bytes: [UInt8]
    private let promise: EventLoopPromise<[UInt8]>

    init(after bytes: [UInt8], _ promise: EventLoopPromise<[UInt8]>) {
        (self.bytes, self.promise) = (bytes, promise)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        promise.succeed(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(FetchError.cut) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(FetchError.cut)
        context.close(promise: nil)
    }
}
