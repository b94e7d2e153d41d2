// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ServerClient

@Suite("Slips of the pen")
struct SpellingTests {
    // The example of the distance's article in the Dictionary of Algorithms and Data Structures, and its bounds.
    @Test("are counted", arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 2)])
    func distance(_ one: String, _ other: String, _ distance: Int) {
        #expect(Spelling.distance(one, other) == distance)
        #expect(Spelling.distance(other, one) == distance)
    }

    @Test("lead to what was meant, the nearest first")
    func near() {
        let candidates = ["rate-limit", "auth", "rate-limiter", "oidc"]
        #expect(Spelling.near("rate-limt", among: candidates) == ["rate-limit", "rate-limiter"])
        #expect(Spelling.near("zzz", among: candidates).isEmpty)
    }
}
