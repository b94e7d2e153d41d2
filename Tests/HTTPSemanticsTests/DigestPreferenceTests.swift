// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

@Suite("Which digests a request wants")
struct DigestPreferenceTests {
    @Test(
        "are a SHA-256 unless it rules that out (RFC 9530 §4)",
        arguments: [
            (nil, true), ("sha-256=10", true), ("sha-512=3, sha-256=10, unixsum=0", true), ("sha-512=10", true),
            ("sha-256=0", false), ("sha-512=1, sha-256=0", false), ("sha-256", true), ("sha-256=;;", true), ("", true),
        ] as [(String?, Bool)]
    )
    func digestPreference(_ value: String?, _ expected: Bool) {
        #expect(DigestPreference.permitsSHA256(value) == expected)
    }
}
