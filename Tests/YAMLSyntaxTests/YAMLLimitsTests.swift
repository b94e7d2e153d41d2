// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import YAMLSyntax

@Suite("Limits of YAML")
struct YAMLLimitsTests {
    private static func error(_ text: String, _ limits: YAMLLimits = YAMLLimits()) throws -> YAMLError {
        try #require(throws: YAMLError.self) { try YAMLReader.document(in: text, limits: limits) }
    }

    /// A scalar in so many lists.
    private static func nested(_ lists: Int) -> String {
        String(repeating: "[", count: lists) + "a" + String(repeating: "]", count: lists)
    }

    @Test("bound levels, in every style of lists and mappings")
    func levels() throws {
        #expect(try YAMLReader.document(in: Self.nested(99)) != nil)
        let texts = [
            Self.nested(100), String(repeating: "- ", count: 100) + "a", String(repeating: "? ", count: 101),
            String(repeating: "{a: ", count: 100) + "b" + String(repeating: "}", count: 100),
            String(repeating: "[", count: 200_000), String(repeating: "- ", count: 200_000),
            String(repeating: "{a: ", count: 200_000), String(repeating: "? ", count: 200_000),
            (0..<101).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        ]
        for text in texts {
            let error = try Self.error(text)
            #expect(error.reason.contains("more than 100 levels; use fewer"), "\(error.reason)")
            #expect(error.line != nil)
        }
    }

    /// Each is a level deeper than the one before, which a walk through it, and its end, would go through.
    @Test("bound levels that come of aliases")
    func levelsOfAliases() throws {
        let text = { (count: Int) in
            (1..<count).reduce("- &a0 a\n") { text, level in text + "- &a\(level) [*a\(level - 1)]\n" }
        }
        #expect(try YAMLReader.document(in: text(99)) != nil)
        let error = try Self.error(text(100))
        #expect(error.reason.contains("more than 100 levels"))
        #expect(error.line == 100)
        #expect(try Self.error(text(50_000)).line == 100)
    }

    @Test("bound what aliases stand for, as values and as keys")
    func aliases() throws {
        let bomb = (0..<20).reduce("a0: &a0 lol\n") { text, level in
            let aliases = Array(repeating: "*a\(level)", count: 9).joined(separator: ", ")
            return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
        }
        let error = try Self.error(bomb)
        #expect(error.reason.contains("too many values; use fewer aliases"))
        // 4 × 9^6 is more than 2^21: a6, in line 7, does not fit in any more.
        #expect(error.line == 7)
        let key = "k: &k " + String(repeating: "x", count: 1000) + "\nlist:\n"
        #expect(try YAMLReader.document(in: key + String(repeating: "- *k : 1\n", count: 1000)) != nil)
        #expect(try Self.error(key + String(repeating: "- *k : 1\n", count: 3000)).reason.contains("too many values"))
    }

    @Test("bound what all documents of a text stand for together")
    func documents() throws {
        let document = "- &a \(String(repeating: "x", count: 99))\n- [*a, *a, *a, *a, *a, *a, *a, *a]\n---\n"
        let text = { String(repeating: document, count: $0) }
        let limits = YAMLLimits(size: 1 << 20, extent: 10_000)
        #expect(try YAMLReader.documents(in: text(10), limits: limits).count == 11)
        let error = try #require(throws: YAMLError.self) { try YAMLReader.documents(in: text(12), limits: limits) }
        #expect(error == YAMLError(line: 33, "stands for too many values; use fewer aliases"))
    }

    @Test("do not bound what is written out, up to the longest text")
    func noAliases() throws {
        let size = YAMLLimits().size
        for piece in ["- a\n", "- {a,b,c}\n", "- \n", "- {a,b,c,d,e,f,g,h,i,j,k,l,m}\n"] {
            let text = String(repeating: piece, count: size / piece.utf8.count)
            #expect(try YAMLReader.document(in: text) != nil)
        }
        let comment = "a: b #" + String(repeating: "c", count: size - 6)
        #expect(try YAMLReader.document(in: comment) != nil)
        #expect(try Self.error(comment + "c").reason.contains("more than 1048576 bytes; leave something out"))
        #expect(try YAMLReader.document(in: comment + "c", limits: YAMLLimits(size: 2 * size, extent: 10)) != nil)
    }
}
