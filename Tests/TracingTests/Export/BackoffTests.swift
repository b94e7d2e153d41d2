// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@testable import Tracing

@Suite("The pauses before a collector is asked again")
struct BackoffTests {
    // OTLP specification: "the client SHOULD implement an exponential backoff strategy between retries", "with jitter".
    @Test("double up to half a minute, and are shortened at random by up to a half")
    func pauses() {
        var backoff = Backoff()
        var generator = SplitMix(seed: 1)
        let longest: [Duration] = [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) }
        let pauses = longest.map { _ in backoff.next(using: &generator) }
        for (pause, most) in zip(pauses, longest) { #expect(pause <= most && pause >= most / 2) }
        #expect(pauses != longest)
    }
}
