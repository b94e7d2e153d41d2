// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import GatewayConfiguration
import Testing

@testable import wasm_server

@Suite("A plugin's configuration")
struct PluginConfigurationTests {
    @Test(
        "keeps what JSON and YAML say",
        arguments: [
            (
                #"{"a": 1.50, "b": "1", "c": null}"#,
                .object([.init("a", .number("1.50")), .init("b", .string("1")), .init("c", .null)])
            ),
            ("b: yes please\na: 'true'\n", .object([.init("b", .string("yes please")), .init("a", .string("true"))])),
            (#"{"a": "\ud83d\ude00\u007f"}"# + "\n", .object([.init("a", .string("\u{1f600}\u{7f}"))])),
            (#"["\#u{7f}"]"#, .array([.string("\u{7f}")])),
            (#"{"\#(longName)": 1}"#, .object([.init(longName, .number("1"))])),
            (
                "'<<': 1\n1: a\n'yes': b\n!!str on: c\ny: d\n",
                .object([
                    .init("<<", .number("1")), .init("1", .string("a")), .init("yes", .string("b")),
                    .init("on", .string("c")),
                    .init("y", .string("d")),
                ])
            ),
            (
                "a: !!str 123\nb: !!int '7'\nc: !!map {}\nd: !!seq []\n",
                .object([
                    .init("a", .string("123")), .init("b", .number("7")), .init("c", .object([])),
                    .init("d", .array([])),
                ])
            ),
            ("--- {a: 1, 'b': [x,],}\n", .object([.init("a", .number("1")), .init("b", .array([.string("x")]))])),
            ("\"a\": 1\n\"b c\" : 2\n", .object([.init("a", .number("1")), .init("b c", .number("2"))])),
            ("\u{feff}a: b\n", .object([.init("a", .string("b"))])), ("--- \"one\n  text\"\n", .string("one text")),
            (#""a\"b\\" : 1"#, .object([.init("a\"b\\", .number("1"))])),
            ("? a\n: 1\n", .object([.init("a", .number("1"))])), ("|\n  line\n", .string("line\n")),
            ("# {\na: 5 # }\n", .object([.init("a", .number("5"))])), ("42\n# the answer\n", .number("42")),
            ("a: &x [1]\nb: *x\n", .object([.init("a", .array([.number("1")])), .init("b", .array([.number("1")]))])),
        ] as [(String, PluginConfiguration)]
    )
    func good(_ text: String, _ value: PluginConfiguration) throws {
        #expect(try PluginConfiguration(text, from: "a.yaml") == value)
    }

    @Test(
        "is rejected with the reason and the remedy",
        arguments: [
            ("", "holds nothing", "one document"),
            ("a: 1\n---\nb: 2\n", ", line 2: begins a second document", "write one"),
            ("a: [", ", line 1: the text ends", "close"),
            ("a: [b", ", line 1: a list in brackets", "add what is missing"),
            ("? [1]\n: 2\n", ", line 1: has a key that is not text", "write `key: value`"),
            ("a: 1\na: 2\n", ", line 2: the key 'a' is duplicated", "leave one"),
            ("1: 1\n'1': 2\n", "duplicated", "leave one"),
            (Self.bomb, "too many values", "fewer aliases"), (Self.deep, "levels", "fewer"),
            ("b: &b {x: 1}\na:\n  <<: *b\n", ", line 3: '<<' merges", "write the members out"),
            ("a: !!binary aGk=\n", "binary", "leave it out"), ("a: !mine 1\n", "!mine", "leave it out"),
            ("!!binary aGk=: 1\n", "binary", "leave it out"), ("a: !!set {b: null}\n", "set", "leave it out"),
            ("a: !!int 1.5\n", "'1.5' is not what its tag says", "leave the tag out"),
            ("a: 1\nb: 12:30\n", ", line 2: '12:30' is a number to YAML 1.1", "quotes"),
        ]
    )
    func bad(_ text: String, _ reason: String, _ remedy: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try PluginConfiguration(text, from: "a.yaml", most: 200)
        }
        #expect(failure.status == .dataError)
        #expect(failure.message.hasPrefix("a.yaml"))
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains(remedy))
    }

    // shared/cases are two of these: to YAML each is something, and something else.
    @Test(
        "that begins like JSON and is none is rejected with JSON's complaint",
        arguments: [
            ("// tuned for staging\n{\"header\":\"x-demo\"}\n", "line 1, column 1", "no comments"),
            ("/* tuned */ {\"a\": 1}", "line 1, column 1", "no comments"),
            ("{\"a\": 1 // one\n}", "line 1, column 9", "no comments"),
            ("{\n# one\n\"a\": 1}", "line 2, column 1", "no comments"),
            ("{\"banner\": \"line one\nline two\"}\n", "line 1, column 21", "line break"),
            ("\"one\ntwo\"", "line 1, column 5", "line break"), ("\"a\r\nb\": 1", "line 1, column 3", "line break"),
            (#""a\" : 1"#, "line 1", ""), (#""a":1"#, "line 1, column 4", "follows the end"),
            ("{'a': 1}", "line 1, column 2", "double quotes only"),
            ("{a: 1}", "line 1, column 2", "name in double quotes"),
            ("{\"a\": 1,}", "line 1, column 8", "comma has nothing"),
            ("[1,\n]", "line 1, column 3", "comma has nothing"),
            ("[,1]", "line 1, column 2", "value is missing"), ("{\"a\": NaN}", "line 1, column 7", "no NaN"),
            ("[-Infinity]", "line 1, column 3", "no Infinity"), ("[True]", "line 1, column 2", "lowercase"),
            ("{\"a\": None}", "line 1, column 7", "no None"), ("[undefined]", "line 1, column 2", "undefined"),
            ("[+1]", "line 1, column 2", "plus"),
            ("[.5]", "line 1, column 2", "digit before"), ("[0x10]", "line 1, column 3", "comma or the end"),
            ("[1e999]", "line 1, column 2", "beyond"), ("[1e-999]", "line 1, column 2", "beyond"),
            ("{\"a\": yes}", "line 1, column 7", "missing"),
            ("{\u{201c}a\u{201d}: 1}", "line 1, column 2", "straight"),
            ("{\u{a0}\"a\": 1}", "line 1, column 2", "no-break space"),
            ("{\"a\": 1}\n{\"a\": 2}", "line 2, column 1", "follows the end"),
            ("{\"a\": 1}}", "line 1, column 9", "follows the end"),
            ("{\"a\":\t1, \"a\": 2}", "line 1, column 10", "duplicated"),
            ("[section]\nkey = \"value\"\n", "line 1, column 2", "missing"),
            ("\"a\" \"b\"", "line 1, column 5", "follows the end"), (" \n\u{feff}{a}", "line 2", ""),
            (String(repeating: "[", count: 100_000), "line 1, column 101", "levels"),
        ]
    )
    func nearlyJSON(_ text: String, _ place: String, _ reason: String) throws {
        let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(text, from: "a.yaml") }
        #expect(failure.status == .dataError)
        #expect(failure.message.hasPrefix("a.yaml, \(place)"), "\(failure.message)")
        #expect(failure.message.contains("is not JSON: "))
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains("---"))
    }

    @Test("is JSON or rejected where its name says JSON", arguments: ["a.json", "A.JSON", "a.jsonc", "a.json5"])
    func namedJSON(_ path: String) throws {
        let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration("a: 1\n", from: path) }
        #expect(failure.message.hasPrefix("\(path), line 1, column 1: is not JSON"))
        #expect(!failure.message.contains("---"))
    }

    @Test(
        "that YAML takes for one long text is rejected",
        arguments: [
            "key = value\nother = 5\n", "<a>\n  <b/>\n</a>\n", "key=value", "just words", "nul", "key:value\n",
            "Infinity",
        ]
    )
    func words(_ text: String) throws {
        let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(text, from: "a.conf") }
        #expect(failure.status == .dataError)
        #expect(failure.message.hasPrefix("a.conf, line 1: is neither JSON nor YAML with keys"), "\(failure.message)")
    }

    // YAML 1.1 (https://yaml.org/type/bool.html and others) against YAML 1.2.2 §10.3.2, as for values.
    @Test(
        "has no key that readers of YAML take for different things",
        arguments: [
            "on", "On", "OFF", "yes", "no", "true", "False", "null", "~", "1.5", "0x10", "017", "1_000", "12:30",
            ".inf", ".nan", "-1",
            "+1", "1e3", "12345678901", "0o7",
        ]
    )
    func keys(_ key: String) throws {
        for text in ["\(key): 1\n", "a:\n- b:\n    \(key): 1\n", "--- {a: {\(key): 1}}"] {
            let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(text, from: "a.yaml") }
            #expect(failure.status == .dataError)
            #expect(
                failure.message.contains("the key '\(key)' ") && failure.message.contains("quotes"),
                "\(failure.message)"
            )
        }
        let quoted = try PluginConfiguration("'\(key)': 1\n", from: "a.yaml")
        #expect(quoted == .object([.init(key, .number("1"))]))
    }

    @Test(
        "does not take for ever, whatever aliases stand for within keys",
        .timeLimit(.minutes(5)),
        arguments: [
            "? *a9\n: 1\n", "*a9 : 1\n", "? [*a9]\n: 1\n", "[*a9]: 1\n", "x: {*a9 : 1}\n", "x: {*a9}\n",
            "x: {\n# c\n *a9}\n",
            "x: [*a9 : 1]\n", "? - *a9\n: 1\n", "? b: *a9\n: 1\n", "x: [? *a9 : 1]\n", "{b: *a9}: 1\n",
            "?\n - *a9\n: 1\n",
            "x: {? *a9}\n", "x: [[*a9]: 1]\n", "x: {1, *a9}\n", "? &k [*a9]\n: 1\n",
        ]
    )
    func aliasesInKeys(_ end: String) throws {
        let text = (0..<9).reduce("a0: &a0 x\n") { text, level in
            let aliases = Array(repeating: "*a\(level)", count: 9).joined(separator: ", ")
            return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
        }
        let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(text + end, from: "a.yaml") }
        #expect(failure.status == .dataError)
    }

    // YAML 1.1 (https://yaml.org/spec/1.1/#id871136), which the parser reads: each of these breaks a line.
    @Test(
        "does not take for ever with any line break",
        .timeLimit(.minutes(5)),
        arguments: ["\u{85}", "\u{2028}", "\u{2029}", "\r", "\r\n"],
        [
            "?% *a12%: 1%", "x: [? *a12%: 1]%", "?%  [*a12]%: 1%", "?%  - *a12%: 1%", "*a12 : 1%", "x:%  *a12 : 1%",
            "x: # why%  *a12 : 1%", "x: |%  text%*a12 : 1%",
        ]
    )
    func lineBreaks(_ lineBreak: String, _ end: String) throws {
        let text = (0..<12).reduce("a0: &a0 x%") { text, level in
            let aliases = Array(repeating: "*a\(level)", count: 8).joined(separator: ", ")
            return text + "a\(level + 1): &a\(level + 1) [\(aliases)]%"
        }
        let broken = (text + end).split(separator: "%", omittingEmptySubsequences: false).joined(separator: lineBreak)
        let failure = try #require(throws: CommandFailure.self) { try PluginConfiguration(broken, from: "a.yaml") }
        #expect(failure.message.contains("too many values"), "\(failure.message)")
    }

    // As Kuadrant's operator writes it, with expressions of CEL.
    @Test(
        "may have as many stars and ampersands as it likes where they are no aliases",
        arguments: [
            "p: \"request.url_path.matches('^/api/.*$') && request.method == 'GET'\"",
            "p: request.url_path.matches('^/api/.*$') && request.method == 'GET'", "h: [\"*.shop.example.com\", '*.b']",
            "p: 'a *b &c {d}: e'", "# *a : &b {c}", "p: |\n    *a : 1\n    &b ? {c}", "p: >-\n    *a && &b\n    ? {c}",
            "p: a\n    &b *c\n    &d", "p: a?b={c}&d=*e", "p: {q: \"*a\", 'r': '&b'}",
        ]
    )
    func noAliases(_ line: String) throws {
        let text = "- {a: b, t: ratelimit}\n" + (0..<1000).map { "- n: \($0)\n  \(line)\n" }.joined()
        guard case .array(let rules) = try PluginConfiguration(text, from: "a.yaml", most: 1 << 22) else {
            Issue.record("it is a list")
            return
        }
        #expect(rules.count == 1001)
    }

    @Test("may have aliases for keys that are text")
    func aliasesForKeys() throws {
        let text = "names: [&a first, &b second]\nvalues: {*a : 1, *b : 2}\n? *a\n: 3\n"
        let names = [PluginConfiguration.string("first"), .string("second")]
        #expect(
            try PluginConfiguration(text, from: "a.yaml")
                == .object([
                    .init("names", .array(names)),
                    .init("values", .object([.init("first", .number("1")), .init("second", .number("2"))])),
                    .init("first", .number("3")),
                ])
        )
    }

    @Test("may have keys that are whole numbers, as many as there is room for", .timeLimit(.minutes(5)))
    func numericKeys() throws {
        let text = (0..<50_000).map { "\($0): 1\n" }.joined()
        guard case .object(let members) = try PluginConfiguration(text, from: "a.yaml") else {
            Issue.record("it is an object")
            return
        }
        #expect(members.count == 50_000)
    }

    @Test("may have aliases within reason, beside braces and questions, too")
    func aliases() throws {
        let text = "base: &base {a: 1}\n" + (0..<500).map { "k\($0): *base  # why? so\n" }.joined()
        guard case .object(let members) = try PluginConfiguration(text, from: "a.yaml") else {
            Issue.record("it is an object")
            return
        }
        #expect(members.count == 501)
    }

    @Test(
        "has numbers that Kubernetes rounds, and others",
        arguments: [
            ("9007199254740992", nil), ("9007199254740993", "9007199254740993"),
            ("-9007199254740993", "-9007199254740993"),
            ("1.50", nil), ("0.1", nil), ("1000000000000000000000", nil),
            ("3.14159265358979323846", "3.14159265358979323846"),
            ("[{\"a\": 12345678901234567890}]", "12345678901234567890"), ("\"9007199254740993\"", nil),
        ] as [(String, String?)]
    )
    func inexactNumbers(_ text: String, _ number: String?) throws {
        #expect(try PluginConfiguration(text, from: "a.json").inexactNumber == number)
    }

    private static let longName = String(repeating: "n", count: 5000)
    private static let deep = "a: " + String(repeating: "[", count: 120) + String(repeating: "]", count: 120)

    /// Aliases of aliases of aliases: 125 values in as many bytes.
    private static let bomb = (0..<3).reduce("a0: &a0 x\n") { text, level in
        let aliases = Array(repeating: "*a\(level)", count: 5).joined(separator: ", ")
        return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
    }
}
