// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

@Suite("A request")
struct RequestTests {
    @Test("tells whether an answer can depend on its fields")
    func conditional() {
        var fields = RequestFields()
        fields.add(name: "x-forwarded-for", value: "192.0.2.1")
        fields.add(name: "accept", value: "*/*")
        #expect(!fields.areConditional)
        #expect(fields.forwardedFor == "192.0.2.1")
        fields.add(name: "want-repr-digest", value: "sha-256=0")
        #expect(fields.areConditional)
    }

    @Test(
        "gets a Repr-Digest unless it rules SHA-256 out (RFC 9530 §4)",
        arguments: [
            (nil, true), ("sha-256=10", true), ("sha-512=3, sha-256=10, unixsum=0", true), ("sha-512=10", true),
            ("sha-256=0", false), ("sha-512=1, sha-256=0", false), ("sha-256", true), ("sha-256=;;", true), ("", true),
        ] as [(String?, Bool)]
    )
    func digestPreference(_ value: String?, _ expected: Bool) {
        #expect(DigestPreference.permitsSHA256(value) == expected)
    }
}
