// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPTransport

/// RFC 9113 §6.8: a first GOAWAY that names no stream, at least a round trip, then one that names the last.
@Suite("A graceful shutdown over HTTP/2")
struct HTTP2DrainTests {
    @Test("is announced once, and final once the announcement has arrived")
    func order() {
        var drain = HTTP2Drain()
        let early = drain.roundTripEnded()
        #expect(!early)
        let (first, second) = (drain.begin(), drain.begin())
        #expect(first && !second)
        #expect(!drain.isFinal)
        // The answer to the PING, and the end of the time that it is waited for.
        let (answered, timedOut) = (drain.roundTripEnded(), drain.roundTripEnded())
        #expect(answered && !timedOut)
        #expect(drain.isFinal)
    }

    @Test("needs no announcement to a client that leaves by itself, before or meanwhile", arguments: [false, true])
    func clientLeaves(_ isAnnounced: Bool) {
        var drain = HTTP2Drain()
        if isAnnounced { _ = drain.begin() }
        drain.clientLeaves()
        #expect(drain.isFinal)
        let (isAnnouncedNow, isNamed) = (drain.begin(), drain.roundTripEnded())
        #expect(!isAnnouncedNow && !isNamed)
    }
}
