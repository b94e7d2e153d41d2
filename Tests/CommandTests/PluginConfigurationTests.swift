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
                "'<<': 1\n1: a\nyes: b\n",
                .object([.init("<<", .number("1")), .init("1", .string("a")), .init("yes", .string("b"))])
            ),
            (
                "a: !!str 123\nb: !!int '7'\nc: !!map {}\nd: !!seq []\n",
                .object([
                    .init("a", .string("123")), .init("b", .number("7")), .init("c", .object([])),
                    .init("d", .array([])),
                ])
            ),
            ("a: &x [1]\nb: *x\n", .object([.init("a", .array([.number("1")])), .init("b", .array([.number("1")]))])),
        ] as [(String, PluginConfiguration)]
    )
    func good(_ text: String, _ value: PluginConfiguration) throws {
        #expect(try PluginConfiguration(text, from: "a.yaml") == value)
    }

    @Test(
        "is refused with the reason and the remedy",
        arguments: [
            ("", "holds nothing", "one document"), ("a: 1\n---\nb: 2\n", "2 documents", "one document"),
            ("a: [", "neither JSON nor YAML", "correct"), ("? [1]\n: 2\n", "key is not text", "write it as text"),
            ("a: 1\na: 2\n", "duplicated", "correct"), ("1: 1\n'1': 2\n", "duplicated", "leave one"),
            (Self.bomb, "too many values", "fewer aliases"), (Self.deep, "levels", "fewer"),
            ("b: &b {x: 1}\na:\n  <<: *b\n", ", line 3: '<<' merges", "write the members out"),
            ("a: !!binary aGk=\n", "binary", "leave it out"), ("a: !mine 1\n", "!mine", "leave it out"),
            ("!!binary aGk=: 1\n", "binary", "leave it out"), ("a: !!set {b: null}\n", "set", "leave it out"),
            ("a: !!int 1.5\n", "'1.5' is not what its tag says", "leave the tag out"),
            ("a: 1\nb: 12:30\n", ", line 2: '12:30' is a number to YAML 1.1", "quotes"),
            (#"{"a": 1,}x"#, "as JSON, line 1, column 9", "as YAML"),
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

    private static let longName = String(repeating: "n", count: 5000)
    private static let deep = "a: " + String(repeating: "[", count: 120) + String(repeating: "]", count: 120)

    /// Aliases of aliases of aliases: 125 values in as many bytes.
    private static let bomb = (0..<3).reduce("a0: &a0 x\n") { text, level in
        let aliases = Array(repeating: "*a\(level)", count: 5).joined(separator: ", ")
        return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
    }
}
