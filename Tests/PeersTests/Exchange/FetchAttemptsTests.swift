// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import NIOCore
import Testing

@testable import Peers

@Suite("Attempts to fetch digests")
struct FetchAttemptsTests {
    private let now = ContinuousClock.now
    private var attempts = FetchAttempts(maximumFetches: 2, maximumAttempts: 3)

    private func digest(_ name: String) -> Digest { Digest(of: Array(name.utf8)) }

    /// Asks for a digest, and tells the number of who is asked.
    private mutating func ask(_ name: String, _ numbers: Int...) -> Int? {
        let holders = numbers.map { Holder(peer: Peer.numbered($0), size: 10) }
        return attempts.ask(for: digest(name), among: holders, at: now).flatMap(\.peer.address.port)
    }

    @Test("ask each peer once for a digest, whoever did badly last")
    mutating func order() {
        #expect(ask("a", 1, 2, 3) == 1)
        attempts.note(.failed(Peer.numbered(1), .timeout), of: digest("a"), at: now)
        #expect(attempts.isDoubted(Peer.numbered(1), at: now))
        #expect(ask("a", 1, 2, 3) == 2)
        // Of another digest, the one who did badly is asked when nobody else is left.
        #expect(ask("b", 1, 3) == 3)
        attempts.note(.failed(Peer.numbered(3), .noMemory), of: digest("b"), at: now)
        #expect(!attempts.isDoubted(Peer.numbered(3), at: now))
        #expect(ask("b", 1, 3) == 1)
        #expect(ask("b", 1, 3) == nil)
    }

    @Test("begin so many fetches at a time, without those that are slow")
    mutating func fetches() {
        #expect(attempts.mayBegin)
        #expect(ask("a", 1) == 1)
        #expect(ask("b", 1) == 1)
        #expect(!attempts.mayBegin)
        attempts.note(.slow, of: digest("a"), at: now)
        #expect(attempts.mayBegin)
        attempts.end(digest("b"))
        #expect(attempts.mayBegin && !attempts.contains(digest("b")))
    }

    @Test("ask so many peers at a time, slow or not, until one fails or its fetch ends")
    mutating func peers() {
        for (number, name) in ["a", "b", "c"].enumerated() {
            #expect(ask(name, number + 1) == number + 1)
            attempts.note(.slow, of: digest(name), at: now)
        }
        #expect(!attempts.mayBegin)
        #expect(ask("a", 4) == nil)
        attempts.note(.failed(Peer.numbered(2), .cut), of: digest("b"), at: now)
        #expect(ask("a", 4) == 4)
        #expect(ask("b", 5) == nil)
        #expect(attempts.end(digest("a"))?.tried.compactMap(\.address.port) == [1, 4])
        #expect(ask("b", 5) == 5)
    }
}
