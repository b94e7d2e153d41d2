// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// The content of a peer's answer, to be taken chunk by chunk, by one taker.
struct PeerContent: Sendable {
    private let exchange: PeerExchange

    init(_ exchange: PeerExchange) {
        self.exchange = exchange
    }

    /// How far away the peer is, as far as more time is left for that; zero as long as it is not known.
    var roundTrip: Duration { exchange.roundTrip }

    /// Waits for the next chunk; nil when there was all of it.
    ///
    /// - Throws: ``PeerError`` when there is no more, though there should be.
    func next() async throws(PeerError) -> ByteBuffer? {
        try await exchange.next()
    }
}
