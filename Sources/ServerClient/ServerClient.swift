// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS

/// Asks a server for one thing, on a connection of its own, within limits of time and bytes.
package struct ServerClient: Sendable {
    /// Who is asked.
    package let origin: Origin
    let trust: ClientTLS
    let timeout: Duration

    /// A client.
    ///
    /// - Parameters:
    ///   - origin: Who is asked.
    ///   - trust: Whom a client of TLS believes.
    ///   - timeout: How long one answer may take, from connecting on.
    package init(_ origin: Origin, trusting trust: ClientTLS = .system, timeout: Duration) {
        (self.origin, self.trust, self.timeout) = (origin, trust, timeout)
    }

    /// The name that a TLS client says that it asks for; nil for an address (RFC 6066 §3).
    var serverName: String? { origin.name.isAddress ? nil : origin.name.host }

    /// Every address of the origin's host.
    ///
    /// - Throws: ``FetchError/unresolved(_:)``, also if there is none.
    package func addresses() async throws(FetchError) -> [SocketAddress] {
        if origin.name.isAddress, let address = try? SocketAddress(ipAddress: origin.name.host, port: origin.port) {
            return [address]
        }
        let host = origin.name.host
        let lookup = try? await NIOThreadPool.singleton.runIfActive { HostLookup.blocking(host) }
        switch lookup {
        case .addresses(let found) where !found.isEmpty:
            return found.compactMap { try? SocketAddress(packedIPAddress: ByteBuffer(bytes: $0), port: origin.port) }
        case .addresses: throw .unresolved("there is no \(host)")
        case .failed(let reason): throw .unresolved(reason)
        case nil: throw .unresolved("the program is ending")
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

    /// Sends a request to one address, and takes the whole answer, whatever its status.
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
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: FetchedResponse.self)
        let deadline = loop.scheduleTask(in: TimeAmount(time.whole)) {
            promise.fail(FetchError.timedOut(afterConnecting: true))
        }
        do {
            let channel = try await connect(request, to: address, within: time.connecting, on: loop, promise)
            defer {
                deadline.cancel()
                channel.close(promise: nil)
            }
            return try await promise.futureResult.get()
        } catch {
            deadline.cancel()
            promise.fail(error)
            throw Self.failure(error)
        }
    }

    private func connect(
        _ request: FetchRequest,
        to address: SocketAddress,
        within timeout: Duration,
        on loop: any EventLoop,
        _ promise: EventLoopPromise<FetchedResponse>
    ) async throws -> any Channel {
        let context = origin.isSecure ? try trust.context(for: request.version, as: request.client) : nil
        return try await ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let answer = FetchAnswer(to: request, promise)
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        let tls = try NIOSSLClientHandler(context: context, serverHostname: serverName)
                        try pipeline.addHandler(tls)
                        try pipeline.addHandler(
                            HandshakeAwaiter(request.version, behind: tls, trusting: trust, answer) { pipeline in
                                try speak(request, answer, pipeline)
                            }
                        )
                    } else {
                        try speak(request, answer, pipeline)
                    }
                }
            }
            .connect(to: address).get()
    }

    /// Sends the request on a connection.
    private func speak(
        _ request: FetchRequest,
        _ answer: FetchAnswer,
        _ pipeline: ChannelPipeline.SynchronousOperations
    ) throws {
        let authority = request.authority ?? origin.authority
        switch request.version {
        case .http1:
            try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
            try pipeline.addHandler(HTTP1FetchHandler(request, authority: authority, answer))
        case .http2:
            let handler = HTTP2FetchHandler(
                request,
                scheme: origin.isSecure ? "https" : "http",
                authority: authority,
                answer
            )
            let multiplexer: NIOHTTP2Handler.StreamMultiplexer = try pipeline.configureHTTP2Pipeline(
                mode: .client,
                connectionConfiguration: .init(),
                streamConfiguration: .init()
            ) { $0.close() }
            try pipeline.addHandler(ConnectionErrors(answer))
            let bound = NIOLoopBound(handler, eventLoop: pipeline.eventLoop)
            multiplexer.createStreamChannel(promise: nil) { stream in
                stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(bound.value) }
            }
        }
    }

    static func failure(_ error: any Error) -> FetchError {
        switch error {
        case let error as FetchError: error
        case let error as NIOConnectionError: unreachable(error.connectionErrors.first?.error ?? error)
        case ChannelError.connectTimeout: .timedOut(afterConnecting: false)
        default: TLSFailure(error, at: platform_seconds()).map { .tls($0) } ?? unreachable(error)
        }
    }

    private static func unreachable(_ error: any Error) -> FetchError {
        if case ChannelError.connectTimeout = error { return .timedOut(afterConnecting: false) }
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: return .unreachable("connection refused")
        case EHOSTUNREACH, ENETUNREACH: return .unreachable("there is no route to it")
        case ECONNRESET: return .cut
        default: return .unreachable("\(error)")
        }
    }
}

extension ServerClient {
    /// Sends bytes on a plain connection, and takes the first that come back.
    ///
    /// - Throws: ``FetchError``, also if nothing comes back.
    package func exchange(_ bytes: [UInt8], with address: SocketAddress) async throws(FetchError) -> [UInt8] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [UInt8].self)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
            promise.fail(FetchError.timedOut(afterConnecting: true))
        }
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(timeout))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FirstBytes(promise))
                    }
                }
                .connect(to: address).get()
            defer {
                deadline.cancel()
                channel.close(promise: nil)
            }
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            return try await promise.futureResult.get()
        } catch {
            deadline.cancel()
            promise.fail(error)
            throw Self.failure(error)
        }
    }
}

/// Keeps a promise of the first bytes of a connection.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<[UInt8]>

    init(_ promise: EventLoopPromise<[UInt8]>) {
        self.promise = promise
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
