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
            (
                "- 0x1f\n- true\n- 1e3\n- 12345678901234567890\n",
                .array([.number("31"), .bool(true), .number("1e3"), .number("12345678901234567890")])
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
            ("a: 1\na: 2\n", "duplicated", "correct"), (Self.bomb, "too many values", "fewer aliases"),
        ]
    )
    func bad(_ text: String, _ reason: String, _ remedy: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try PluginConfiguration(text, from: "a.yaml", most: 100)
        }
        #expect(failure.status == .dataError)
        #expect(failure.message.hasPrefix("a.yaml"))
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains(remedy))
    }

    /// Aliases of aliases of aliases: 125 values in as many bytes.
    private static let bomb = (0..<3).reduce("a0: &a0 x\n") { text, level in
        let aliases = Array(repeating: "*a\(level)", count: 5).joined(separator: ", ")
        return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
    }
}

@Suite("Slips of the pen")
struct SpellingTests {
    // The example of the distance's article in the Dictionary of Algorithms and Data Structures, and its bounds.
    @Test("are counted", arguments: [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 2)])
    func distance(_ one: String, _ other: String, _ distance: Int) {
        #expect(Spelling.distance(one, other) == distance)
        #expect(Spelling.distance(other, one) == distance)
    }

    @Test("lead to what was meant, the nearest first")
    func near() {
        let candidates = ["rate-limit", "auth", "rate-limiter", "oidc"]
        #expect(Spelling.near("rate-limt", among: candidates) == ["rate-limit", "rate-limiter"])
        #expect(Spelling.near("zzz", among: candidates).isEmpty)
    }
}
