// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
internal import NIOPosix
package import NIOSSL

/// Asks a peer for one thing, on a connection of its own.
package struct PeerClient: Sendable {
    private let instance: String
    private let security: Security?
    private let connectTimeout: Duration
    private let stall: Duration

    /// Gives the TLS context of a connection; without one there is no connection.
    package typealias Security = @Sendable () throws -> NIOSSLContext

    /// A client.
    ///
    /// - Parameters:
    ///   - instance: The id of this process, which it tells whom it asks.
    ///   - security: Gives the TLS context of each connection, since certificates change; nil for none.
    ///   - connectTimeout: How long a connection may take to come about: half a second there and back, and the second after
    ///     which a lost packet is sent again (RFC 6298 §2).
    ///   - stall: How long a peer may give nothing to speak of while it is waited for.
    package init(
        instance: String,
        security: Security?,
        connectTimeout: Duration = .seconds(2),
        stall: Duration = .seconds(1)
    ) {
        self.instance = instance
        self.security = security
        self.connectTimeout = connectTimeout
        self.stall = stall
    }

    /// Sends a `GET` and has the answer's content taken as it comes.
    ///
    /// The connection is closed when this returns, however it does.
    ///
    /// - Parameters:
    ///   - path: What is asked for.
    ///   - peer: Who is asked.
    ///   - deadline: How long all of it may take, once connected, from a peer that is near.
    ///   - lengths: How many bytes of content are taken.
    ///   - take: Is given the content, chunk by chunk; while it is busy, no more is read.
    /// - Returns: What `take` does.
    /// - Throws: ``PeerError``, for anything but an answer with status 200, a `Content-Length` and all of its content.
    @concurrent
    func get<Taken: Sendable>(
        _ path: String,
        from peer: Peer,
        within deadline: Duration,
        lengths: ClosedRange<Int>,
        _ take: @escaping @Sendable (PeerContent) async throws(PeerError) -> Taken
    ) async throws(PeerError) -> Taken {
        let exchange = PeerExchange(
            PeerRequest(path: path, authority: peer.authority, instance: instance, lengths: lengths),
            to: peer,
            security: security,
            stall: TimeAmount(stall),
            on: MultiThreadedEventLoopGroup.singleton.next()
        )
        let result: Result<Taken, PeerError> = await withTaskCancellationHandler {
            defer { exchange.end(.cancelled) }
            exchange.begin(
                connectTimeout: TimeAmount(connectTimeout),
                deadline: TimeAmount(deadline)
            )
            do throws(PeerError) {
                return .success(try await take(PeerContent(exchange)))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            exchange.end(.cancelled)
        }
        return try result.get()
    }
}
