// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOHTTP2
import Testing

@testable import HTTPTransport

@Suite("The streams of an HTTP/2 connection")
struct HTTP2StreamsTests {
    /// Answers that end in any order are each told by whether their client has ended its request, as a dictionary tells it.
    @Test("are told apart in whatever order they end", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func order(_ seed: UInt64) {
        var generator = Congruential(state: seed)
        let streams = HTTP2Streams(limit: 1000)
        var expected: [HTTP2StreamID: Bool] = [:]
        var next = 1
        for _ in 0..<5000 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let stream = HTTP2StreamID(next)
                next += 2
                let hasEnded = Bool.random(using: &generator)
                #expect(streams.openIfNew(stream))
                streams.begin(stream, requestHasEnded: hasEnded)
                expected[stream] = hasEnded
            case 2:
                guard let stream = expected.keys.sorted().randomElement(using: &generator) else { continue }
                streams.requestEnded(on: stream)
                expected[stream] = true
            default:
                guard let stream = expected.keys.sorted().randomElement(using: &generator) else { continue }
                #expect(streams.end(stream) == expected.removeValue(forKey: stream))
            }
            #expect(streams.answers == expected.count)
        }
        for (stream, hasEnded) in expected { #expect(streams.end(stream) == hasEnded) }
        #expect(streams.answers == 0)
    }

    /// Numbers that are the same in each run.
    private struct Congruential: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            // Knuth's MMIX.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }
}
