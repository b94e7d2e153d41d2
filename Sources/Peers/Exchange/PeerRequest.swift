// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOHTTP1
internal import ServerInterface

/// What a peer is asked for, and how long the answer may be.
struct PeerRequest: Sendable {
    let path: String
    /// The `Host` field.
    let authority: String
    /// The id of this process.
    let instance: String
    /// How many bytes of content are taken.
    let lengths: ClosedRange<Int>

    /// The request's head; ``PeerField`` tells the peer to pass it on to nobody.
    var head: HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: [
                "host": authority, "accept-encoding": "identity", "connection": "close",
                PeerField.name: instance,
            ]
        )
    }

    /// How long the content is that a head announces.
    ///
    /// - Throws: ``PeerError`` if the answer is of no use.
    func length(of head: HTTPResponseHead) throws(PeerError) -> Int {
        guard head.status == .ok else { throw .status(Int(head.status.code)) }
        let codings = head.headers[canonicalForm: "content-encoding"]
        guard codings.allSatisfy({ $0.lowercased() == "identity" }) else { throw .malformed("it is encoded") }
        guard !head.headers.contains(name: "transfer-encoding") else { throw .malformed("its length is not announced") }
        let fields = head.headers["content-length"]
        guard let field = fields.first, fields.count == 1 else { throw .malformed("its length is not announced") }
        guard !field.isEmpty, field.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .malformed("its length is not a number")
        }
        // What has more digits than an integer is too large as well.
        guard let length = Int(field), length <= lengths.upperBound else { throw .tooLarge }
        guard length >= lengths.lowerBound else { throw .malformed("it is shorter than it should be") }
        return length
    }
}

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
