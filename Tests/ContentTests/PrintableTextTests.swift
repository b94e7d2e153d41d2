// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing

@Suite("Text for people")
struct PrintableTextTests {
    @Test(
        "is abbreviated by bytes, between scalars",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "abc…"), ("", 0, ""), ("a\u{e9}", 2, "a…"), ("🙂", 3, "…"),
            ("e\u{301}\u{301}", 3, "e\u{301}…"),
        ]
    )
    func abbreviated(_ text: String, _ count: Int, _ expected: String) {
        #expect(Array(text.abbreviated(to: count).utf8) == Array(expected.utf8))
    }
}
