// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPTransport
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// A server of its own for handshakes: it answers the first bytes of each connection, and tells how the handshake went.
struct TLSTestServer: Sendable {
    /// How a handshake went.
    enum Outcome: Hashable, Sendable {
        /// The client has asked; what it is called, and whether it is allowed, if it has a certificate.
        case completed(AllowedClients.Decision?)
        /// It failed, for that reason, which came of that error.
        case failed(ConnectionEvent.HandshakeFailure, error: String)

        /// What was decided of the client; nil if there was nothing to decide.
        var decision: AllowedClients.Decision? {
            if case .completed(let decision) = self { decision } else { nil }
        }

        /// Why it failed; nil if it did not.
        var failure: ConnectionEvent.HandshakeFailure? {
            if case .failed(let failure, _) = self { failure } else { nil }
        }
    }

    /// The port on the loopback interface.
    let port: Int
    private let outcomes: AsyncStream<Outcome>

    /// Serves while `body` runs.
    static func with<Result: Sendable>(
        _ credentials: TLSCredentials,
        allowing clients: AllowedClients = AllowedClients([]),
        _ body: nonisolated(nonsending) (TLSTestServer) async throws -> Result
    ) async throws -> Result {
        let (outcomes, continuation) = AsyncStream.makeStream(of: Outcome.self)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLServerHandler(context: credentials.context),
                        Recorder(clients, continuation),
                    ])
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let server = TLSTestServer(port: channel.localAddress?.port ?? 0, outcomes: outcomes)
            let result = try await body(server)
            try await channel.close().get()
            return result
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    /// How the next handshake to end went.
    func nextOutcome() async -> Outcome? {
        await outcomes.first { _ in true }
    }

    private final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let clients: AllowedClients
        private var outcomes: AsyncStream<Outcome>.Continuation?

        init(_ clients: AllowedClients, _ outcomes: AsyncStream<Outcome>.Continuation) {
            self.clients = clients
            self.outcomes = outcomes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            tell(.completed(certificate.map { clients.decide(on: $0) }))
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "answered\n")), promise: nil)
            context.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            tell(.failed(ConnectionEvent.HandshakeFailure(error), error: "\(error)"))
            context.close(promise: nil)
        }

        private func tell(_ outcome: Outcome) {
            outcomes?.yield(outcome)
            outcomes = nil
        }
    }
}
