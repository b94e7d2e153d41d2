// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
package import NIOSSL
internal import ServerClient
internal import ServerInterface

/// Asks a peer for one thing, on a connection of its own.
package struct PeerClient: Sendable {
    private let instance: String
    private let security: Security?
    private let connectTimeout: Duration
    private let stall: Duration

    /// Gives the TLS context of a connection; without one there is no connection.
    package typealias Security = @Sendable () throws(PeerError) -> NIOSSLContext

    /// A client.
    ///
    /// - Parameters:
    ///   - instance: The id of this process, which goes with each request.
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
        let security = try security.map { security throws(PeerError) in
            ClientSecurity(try security(), serverName: peer.hostName)
        }
        let request = FetchRequest(
            path,
            fields: [("accept-encoding", "identity"), ("connection", "close"), (PeerField.name, instance)],
            limit: lengths.upperBound,
            headLimits: .tight
        )
        return try await FetchExchange.run(
            request,
            to: FetchDestination(peer.address, authority: peer.authority, security: security),
            within: FetchTiming(connecting: connectTimeout, .connected(deadline, stall: stall)),
            readingAhead: false
        ) { exchange throws(PeerError) in
            let content = try await PeerContent(exchange, from: peer, lengths: lengths)
            return try await take(content)
        }
    }
}

/// The content of a peer's answer, to be taken chunk by chunk, by one taker.
struct PeerContent: Sendable {
    private let exchange: FetchExchange
    private let peer: Peer

    /// Waits for the head of an answer, and for content of a length that is taken.
    ///
    /// - Throws: ``PeerError``, if there is none, or the answer is of no use.
    fileprivate init(
        _ exchange: FetchExchange,
        from peer: Peer,
        lengths: ClosedRange<Int>
    ) async throws(PeerError) {
        (self.exchange, self.peer) = (exchange, peer)
        let head: FetchedHead
        do throws(FetchError) {
            head = try await exchange.head()
        } catch {
            throw PeerError(error, of: peer)
        }
        let length = try head.contentLength
        guard length <= lengths.upperBound else { throw .tooLarge }
        guard length >= lengths.lowerBound else { throw .malformed("it is shorter than it should be") }
    }

    /// The round trip to the peer, up to what extends deadlines.
    var roundTrip: Duration { exchange.roundTrip }

    /// Waits for the next chunk; nil when there was all of it.
    ///
    /// - Throws: ``PeerError`` when there is no more, though there should be.
    func next() async throws(PeerError) -> ByteBuffer? {
        do throws(FetchError) {
            return try await exchange.chunk()
        } catch {
            throw PeerError(error, of: peer)
        }
    }
}

extension FetchedHead {
    /// How long the content is that the head of a peer's answer announces, in bytes.
    fileprivate var contentLength: Int {
        get throws(PeerError) {
            guard status == 200 else { throw .status(status) }
            let codings = (self["content-encoding"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
            guard codings.allSatisfy({ $0.lowercased() == "identity" }) else { throw .malformed("it is encoded") }
            guard self["transfer-encoding"] == nil, let length = self["content-length"] else {
                throw .malformed("its length is not announced")
            }
            guard !length.isEmpty, length.utf8.allSatisfy({ (48...57).contains($0) }) else {
                throw .malformed("its length is not a number")
            }
            // What has more digits than an integer is too large as well.
            guard let count = Int(length) else { throw .tooLarge }
            return count
        }
    }
}
