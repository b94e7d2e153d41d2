// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing
import YAMLSyntax

@testable import GatewayConfiguration

@Suite("JSON")
struct JSONReaderTests {
    // RFC 8259 §3 to §8, and the examples of §13.
    @Test(
        "is read as it is written",
        arguments: [
            ("null", .null), (" true\r\n", .bool(true)), ("\u{feff}false", .bool(false)), ("[]", .array([])),
            ("-0", .number("-0")), ("1.50E+03", .number("1.50E+03")),
            ("[0, 10e-1]", .array([.number("0"), .number("10e-1")])),
            (#""\"\\\/\b\f\n\r\t\u00e9""#, .string("\"\\/\u{8}\u{c}\n\r\té")),
            (#""\uD834\uDD1E\u0000""#, .string("\u{1d11e}\u{0}")), ("\"\u{7f}é\u{2028}\"", .string("\u{7f}é\u{2028}")),
            (
                #"{"b": {}, "a": [[1]], "": null}"#,
                .object([
                    .init("b", .object([])), .init("a", .array([.array([.number("1")])])), .init("", .null),
                ])
            ),
            (
                "{\"\u{e9}\": 1, \"e\u{301}\": 2}",
                .object([
                    .init("\u{e9}", .number("1")), .init("e\u{301}", .number("2")),
                ])
            ),
        ] as [(String, PluginConfiguration)]
    )
    func good(_ text: String, _ value: PluginConfiguration) throws {
        #expect(try PluginConfiguration(json: text) == value)
        #expect(try PluginConfiguration(json: value.json) == value)
    }

    @Test(
        "is rejected with the place and the reason",
        arguments: [
            ("", 1, 1, "value is missing"), ("[1,]", 1, 3, "comma has nothing"), ("nul", 1, 1, "value is missing"),
            ("{\n \"a\" 1}", 2, 6, "colon"), ("{\n a: 1}", 2, 2, "name in double quotes"), ("[1 2]", 1, 4, "comma"),
            ("{\"a\": 1", 1, 8, "comma or the end"), ("1 2", 1, 3, "follows the end"), ("01", 1, 2, "follows the end"),
            ("1.", 1, 3, "digit"), ("-", 1, 2, "digit"), ("1e+", 1, 4, "digit"), ("+1", 1, 1, "no plus"),
            ("\"\n\"", 1, 2, "line break"), ("\"\u{1}\"", 1, 2, "control character"), ("\"a", 1, 3, "does not end"),
            ("\"\\", 1, 3, "does not end"),
            (#""\x""#, 1, 2, "no such escape"), (#""\u12""#, 1, 4, "four hexadecimal digits"),
            (#""\ud83d""#, 1, 2, "surrogate"), (#""\ude00\ud83d""#, 1, 2, "surrogate"),
            (#""\ud83d\u0041""#, 1, 2, "surrogate"),
            (#"{"a": 1, "a": 2}"#, 1, 10, "duplicated"), (String(repeating: "[", count: 101), 1, 101, "levels"),
        ]
    )
    func bad(_ text: String, _ line: Int, _ column: Int, _ reason: String) throws {
        let error = try #require(throws: JSONError.self) { try PluginConfiguration(json: text) }
        #expect((error.line, error.column) == (line, column), "\(error)")
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test("is YAML, too, however long a name is")
    func yaml() throws {
        for count in [1022, 1023, 5000] {
            let name = String(repeating: "n", count: count)
            let value = PluginConfiguration.object([.init("a", .object([.init(name, .string("b"))]))])
            #expect(try YAMLNode.document(value.yaml)["a"]?[name]?.scalar?.text == "b")
        }
    }
}
