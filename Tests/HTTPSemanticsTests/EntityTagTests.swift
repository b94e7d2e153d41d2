// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

@Suite("An entity tag")
struct EntityTagTests {
    @Test(
        "compares as the table of RFC 9110 §8.8.3.2 says",
        arguments: [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
        ]
    )
    func comparison(_ left: String, _ right: String, _ strong: Bool, _ weak: Bool) throws {
        let left = try #require(EntityTag(left))
        let right = try #require(EntityTag(right))
        #expect(left.matchesStrongly(right) == strong)
        #expect(left.matchesWeakly(right) == weak)
    }

    @Test("is compared character by character, whatever Unicode holds to be equivalent (RFC 9110 §8.8.3.2)")
    func equivalence() throws {
        let composed = try #require(EntityTag("\"caf\u{e9}\""))
        let decomposed = try #require(EntityTag("\"cafe\u{301}\""))
        #expect(!composed.matchesStrongly(decomposed))
        #expect(!composed.matchesWeakly(decomposed))
    }

    @Test(
        "is not read from anything but its grammar",
        arguments: ["", "1", "\"", "\"1", "w/\"1\"", "\"a\"b\"", "\"a b\""]
    )
    func malformed(_ text: String) {
        #expect(EntityTag(text) == nil)
    }

    @Test("in a list may contain commas, and bad members match nothing")
    func lists() throws {
        // RFC 9110 §13.1.1's example, with a comma of our own within a tag.
        guard case .tags(let tags) = EntityTagList(parsing: "\"xyzzy\", W/\"r2d2,x\",, bad, \"c3piozzzz\"") else {
            Issue.record("this is a list")
            return
        }
        #expect(tags.map(\.description) == ["\"xyzzy\"", "W/\"r2d2,x\"", "\"c3piozzzz\""])
        #expect(EntityTagList(parsing: " * ") == .any)
        #expect(EntityTagList(parsing: "") == .tags([]))
    }
}
