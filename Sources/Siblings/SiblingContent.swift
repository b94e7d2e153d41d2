// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// The content of a sibling's answer, to be taken chunk by chunk, by one taker.
struct SiblingContent: Sendable {
    private let exchange: SiblingExchange

    init(_ exchange: SiblingExchange) {
        self.exchange = exchange
    }

    /// Waits for the next chunk; nil when there was all of it.
    ///
    /// - Throws: ``SiblingError`` when there is no more, though there should be.
    func next() async throws(SiblingError) -> ByteBuffer? {
        try await exchange.next()
    }
}
