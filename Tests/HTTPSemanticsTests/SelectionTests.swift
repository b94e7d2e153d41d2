// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

/// RFC 9110 §13 as a table: fields of a request, and what it gets.
@Suite("What a request gets of a representation")
struct SelectionTests {
    private static let tag = "\"current\""
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let earlier = "Sat, 05 Nov 1994 08:49:37 GMT"
    private static let later = "Mon, 07 Nov 1994 08:49:37 GMT"

    struct Row: Sendable, CustomTestStringConvertible {
        let fields: [String: String]
        let expected: Selection
        var head: Selection?

        init(_ fields: [String: String], _ expected: Selection, head: Selection? = nil) {
            self.fields = fields
            self.expected = expected
            self.head = head
        }

        var testDescription: String { fields.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: "; ") }
    }

    private static let rows: [Row] = [
        Row([:], .whole),
        // §13.1.1: If-Match compares strongly; 412 if it is false.
        Row(["if-match": tag], .whole),
        Row(["if-match": "\"other\", \(tag)"], .whole),
        Row(["if-match": "*"], .whole),
        Row(["if-match": "\"other\""], .preconditionFailed),
        Row(["if-match": "W/\(tag)"], .preconditionFailed),
        // §13.1.4: ignored if If-Match is present, or if it is no date.
        Row(["if-unmodified-since": date], .whole),
        Row(["if-unmodified-since": later], .whole),
        Row(["if-unmodified-since": earlier], .preconditionFailed),
        Row(["if-unmodified-since": "yesterday"], .whole),
        Row(["if-match": tag, "if-unmodified-since": earlier], .whole),
        // §13.1.2: If-None-Match compares weakly; 304 if it is false.
        Row(["if-none-match": tag], .notModified),
        Row(["if-none-match": "W/\(tag)"], .notModified),
        Row(["if-none-match": "\"a\", \"b\",\(tag)"], .notModified),
        Row(["if-none-match": "*"], .notModified),
        Row(["if-none-match": "\"other\""], .whole),
        // §13.1.3: ignored if If-None-Match is present, or if it is no date.
        Row(["if-modified-since": date], .notModified),
        Row(["if-modified-since": later], .notModified),
        Row(["if-modified-since": earlier], .whole),
        Row(["if-modified-since": "tomorrow"], .whole),
        Row(["if-none-match": "\"other\"", "if-modified-since": date], .whole),
        Row(["if-none-match": tag, "if-modified-since": earlier], .notModified),
        // §13.2.2: preconditions come first, then validation, then the range.
        Row(["if-match": "\"other\"", "if-none-match": tag], .preconditionFailed),
        Row(["if-none-match": tag, "range": "bytes=0-1"], .notModified),
        Row(["range": "bytes=0-1"], .part(0..<2), head: .whole),
        Row(["range": "bytes=100-"], .rangeNotSatisfiable, head: .whole),
        Row(["range": "bytes=0-1,4-5"], .whole),
        // §13.1.5: If-Range takes a strong tag or an exact date, and does nothing without a range.
        Row(["range": "bytes=0-1", "if-range": tag], .part(0..<2), head: .whole),
        Row(["range": "bytes=0-1", "if-range": "\"other\""], .whole),
        Row(["range": "bytes=0-1", "if-range": "W/\(tag)"], .whole),
        Row(["range": "bytes=0-1", "if-range": date], .part(0..<2), head: .whole),
        Row(["range": "bytes=0-1", "if-range": later], .whole),
        Row(["range": "bytes=0-1", "if-range": "nonsense"], .whole),
        Row(["range": "bytes=100-", "if-range": "\"other\""], .whole),
        Row(["if-range": "\"other\""], .whole),
    ]

    @Test("with a tag and a date is what RFC 9110 §13.2.2 says", arguments: rows)
    func table(_ row: Row) throws {
        #expect(try select(row.fields, .get) == row.expected)
        #expect(try select(row.fields, .head) == row.head ?? row.expected)
    }

    @Test(
        "without a date does not depend on dates (RFC 9110 §13.1.3, §13.1.4)",
        arguments: [
            (["if-modified-since": later], .whole), (["if-unmodified-since": earlier], .whole),
            (["range": "bytes=0-1", "if-range": date], .whole),
        ] as [([String: String], Selection)]
    )
    func withoutDate(_ fields: [String: String], _ expected: Selection) throws {
        #expect(try select(fields, .get, lastModified: nil) == expected)
    }

    @Test("joins the lines of a list field (RFC 9110 §5.3)")
    func severalLines() {
        var fields = ConditionalFields()
        fields.add(.ifNoneMatch, "\"a\"")
        fields.add(.ifNoneMatch, Self.tag)
        #expect(select(fields, .get) == .notModified)
    }

    private func select(
        _ lines: [String: String],
        _ method: HTTPSemantics.Method,
        lastModified: HTTPDate? = HTTPDate(seconds: 784_111_777)
    ) throws -> Selection {
        var fields = ConditionalFields()
        for (name, value) in lines { fields.add(try #require(ConditionalFields.Name(rawValue: name)), value) }
        return select(fields, method, lastModified: lastModified)
    }

    private func select(
        _ fields: ConditionalFields,
        _ method: HTTPSemantics.Method,
        lastModified: HTTPDate? = HTTPDate(seconds: 784_111_777)
    ) -> Selection {
        Selection.of(
            fields,
            method: method,
            validators: Validators(entityTag: EntityTag(strong: "current"), lastModified: lastModified),
            length: 100,
            now: { HTTPDate(seconds: 1_795_000_000) }
        )
    }
}
