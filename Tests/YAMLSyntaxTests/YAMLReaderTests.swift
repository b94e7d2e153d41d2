// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import YAMLSyntax

@Suite("A text of YAML")
struct YAMLReaderTests {
    // The examples of YAML 1.2.2 whose numbers stand behind them, with what its chapters say of them.
    @Test(
        "is read as the specification says",
        arguments: [
            ("- Mark McGwire\n- Sammy Sosa\n- Ken Griffey\n", "[Mark McGwire, Sammy Sosa, Ken Griffey]"),  // 2.1
            ("hr:  65    # Home runs\navg: 0.278 # Batting average\n", "{hr: 65, avg: 0.278}"),  // 2.2
            ("american:\n- Boston Red Sox\nnational:\n- New York Mets\n- Chicago Cubs\n", example23),
            (
                "-\n  name: Mark McGwire\n  hr:   65\n-\n  name: Sammy Sosa\n",
                "[{name: Mark McGwire, hr: 65}, {name: Sammy Sosa}]"
            ),  // 2.4
            ("Mark McGwire: {hr: 65, avg: 0.278}\n", "{Mark McGwire: {hr: 65, avg: 0.278}}"),  // 2.6
            ("---\nhr:\n- Mark McGwire\n# Following node labeled SS\n- &SS Sammy Sosa\nrbi:\n- *SS\n", example210),
            ("---\n- item    : Super Hoop\n  quantity: 1\n", "[{item: Super Hoop, quantity: 1}]"),  // 2.12
            ("# ASCII Art\n--- |\n  \\//||\\/||\n  // ||  ||__\n", #""\//||\/||\#n// ||  ||__\#n""#),  // 2.13
            ("--- >\n  Mark McGwire's\n  year was crippled\n", "\"Mark McGwire's year was crippled\n\""),  // 2.14
            ("unicode: \"Sosa did fine.\\u263A\"\n", "{unicode: \"Sosa did fine.\u{263a}\"}"),  // 2.17
            (#"single: '"Howdy!" he cried.'"#, #"{single: ""Howdy!" he cried."}"#),  // 2.17
            (
                "plain:\n  This unquoted scalar\n  spans many lines.\n",
                "{plain: This unquoted scalar spans many lines.}"
            ),  // 2.18
            ("not-date: !!str 2002-04-28\n", "{not-date: !tag:yaml.org,2002:str 2002-04-28}"),  // 2.23
            ("? a\n: - b\n  -  - c\n     - d\n", "{a: [b, [c, d]]}"),  // as 8.17
            ("First: &anchor Foo\nSecond: *anchor\nOverride: &anchor Bar\nReuse: *anchor\n", example71),
            ("{ first: Sammy, last: Sosa }:\n", nil), ("", ""), ("# Comment only.\n", ""), ("---\n", "~"),
            ("a: &x {b: [1]}\nc: *x\n", "{a: {b: [1]}, c: {b: [1]}}"), ("- &k a\n- *k : b\n", "[a, {a: b}]"),
            ("'1': a\n2: \"\"\n", "{\"1\": a, 2: \"\"}"), ("\u{feff}a: b", "{a: b}"),
            ("\u{feff}a: 1\nb: 2\n", "{a: 1, b: 2}"), ("'\u{feff}'", "\"\u{feff}\""),
            ("a: !x [b]", "{a: !!x [b]}"),
            // Two characters to Unicode, and one to Swift.
            ("\u{e9}: 1\ne\u{301}: 2\n", "{\u{e9}: 1, e\u{301}: 2}"),
        ] as [(String, String?)]
    )
    func read(_ text: String, _ written: String?) throws {
        guard let written else {
            #expect(throws: YAMLError.self) { try YAMLReader.document(in: text) }
            return
        }
        let document = try YAMLReader.document(in: text)
        #expect(Array((document?.written ?? "").utf8) == Array(written.utf8), "\(document?.written ?? "")")
    }
    private static let example23 = "{american: [Boston Red Sox], national: [New York Mets, Chicago Cubs]}"
    private static let example210 = "{hr: [Mark McGwire, Sammy Sosa], rbi: [Sammy Sosa]}"
    private static let example71 = "{First: Foo, Second: Foo, Override: Bar, Reuse: Bar}"

    // As examples 2.7 and 9.3, and §3.2.2.2: names of values end with their document.
    @Test(
        "may hold several documents, each with names of its own",
        arguments: [
            ("# Ranking\n---\n- Mark McGwire\n\n# Team ranking\n---\n- Cubs\n", ["[Mark McGwire]", "[Cubs]"]),
            ("Bare\ndocument\n...\n# No document\n--- two\n...\n", ["Bare document", "two"]),
            ("a: &x 1\n---\n- &x 2\n- *x\n", ["{a: 1}", "[2, 2]"]), ("---\n---\n", ["~", "~"]), ("", []), ("# a\n", []),
        ]
    )
    func documents(_ text: String, _ written: [String]) throws {
        #expect(try YAMLReader.documents(in: text).map(\.written) == written)
        #expect(throws: YAMLError.self) { try YAMLReader.documents(in: text + "\n---\n- *x\n") }
    }

    @Test("tells the line of each value, and of what an alias stands for")
    func lines() throws {
        let document = try YAMLReader.document(in: "a: 1\n\nb:\n  - &x y\n  - *x\n? *x\n: |\n  text\n")
        let members = try #require(document?.mapping?.members)
        #expect(document?.line == 1)
        #expect(members.map(\.key.line) == [1, 3, 6])
        #expect(members.map(\.value.line) == [1, 4, 7])
        guard case .sequence(let sequence) = members[1].value else {
            Issue.record("b is a list")
            return
        }
        #expect(sequence.elements.map(\.line) == [4, 4])
        let missing = try YAMLReader.document(in: "a: 1\n? b")?.mapping?.members.last
        #expect(missing?.value.line == 2)
    }

    @Test("has nothing where a plain scalar says so, or its tag", arguments: ["~", "null", "", "!!null x", "Null"])
    func null(_ text: String) throws {
        #expect(try YAMLReader.document(in: "--- \(text)\n")?.scalar?.isNull == true)
        #expect(try YAMLReader.document(in: "--- '\(text)'\n")?.scalar?.isNull == false)
    }

    @Test(
        "is rejected with the line, the reason and the remedy",
        arguments: [
            ("a: 1\n...\n---\nb: 1\n", 3, "a second document", "write one"),
            ("a: 1\nb: 2\n'a': 3\n", 3, "the key 'a' is duplicated: line 1", "leave one"),
            ("- a\n- {b: 1, c: 2, b: 3}\n", 2, "the key 'b' is duplicated: line 2", "leave one"),
            ("- &k a\n- a: 1\n  *k : 2\n", 3, "the key 'a' is duplicated: line 2", "leave one"),
            ("? [a]\n: b\n", 1, "key that is not text", "write `key: value`"),
            ("- &k [a]\n-\n  *k : b\n", 3, "key that is not text", "write `key: value`"),
            ("a: 1\nb: *c\n", 2, "'*' stands for another value, and none above is called 'c'", "quotes"),
            ("- &a [*a]\n", 1, "none above is called 'a'", "quotes"),
            ("a: \"\\x\"\n", 1, "a backslash", "twice"), ("a: b: c\n", 1, "a colon", "indent"),
            ("a: 1\nb: \u{feff}c\n", 2, "a byte order mark inside the text", "take it out"),
            // Files that were put together.
            ("a: 1\n\u{feff}---\nb: 1\n", 2, "a byte order mark", "take it out"),
            ("--- \n\u{feff}b: 1\nc: 1\n", 2, "a byte order mark", "take it out"),
            ("{a: 1}\n\u{feff}{b: 1}\n", 2, "a byte order mark", "take it out"),
            // YAML 1.2.2 §9.1.2: what ends a document begins none.
            ("a: 1\n...\nb: 1\n", 3, "behind `...` without `---`", "write a line `---`"),
            ("a: 1\n... # end\n\n# next\nb: 1\n", 5, "behind `...` without `---`", "write a line `---`"),
            ("{a: 1}\n{b: 1}\n", 2, "begins another document", "below a line `---`"),
            ("[a]\nb: 1\n", 2, "does not belong to what stands above", "indent it"),
            ("a\u{1}\n", 1, "control character (\\u{01})", "take it out"),
            ("a: 1\n\u{2028}b: 2\n\u{85}\u{2}", 5, "control character (\\u{02})", "take it out"),
        ] as [(String, Int, String, String)]
    )
    func rejected(_ text: String, _ line: Int, _ reason: String, _ remedy: String) throws {
        let error = try #require(throws: YAMLError.self) { try YAMLReader.document(in: text) }
        #expect(error.line == line)
        #expect(error.reason.contains(reason) && error.reason.contains(remedy), "\(error.reason)")
    }
}

extension YAMLNode {
    /// The node in one line: what is not plain in quotes, as it reads, and tags behind an exclamation mark.
    fileprivate var written: String {
        switch self {
        case .scalar(let scalar): scalar.written
        case .sequence(let sequence):
            Self.tag(sequence.tag) + "[\(sequence.elements.map(\.written).joined(separator: ", "))]"
        case .mapping(let mapping):
            Self.tag(mapping.tag)
                + "{\(mapping.members.map { "\($0.key.written): \($0.value.written)" }.joined(separator: ", "))}"
        }
    }

    fileprivate static func tag(_ tag: YAMLTag?) -> String { tag.map { "!\($0.rawValue) " } ?? "" }
}

extension YAMLScalar {
    fileprivate var written: String {
        YAMLNode.tag(tag) + (isPlain ? (text.isEmpty ? "~" : text) : "\"\(text)\"")
    }
}
