// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import GatewayConfiguration
import Testing

@testable import wasm_server

@Suite("Plain scalars of YAML")
struct CoreSchemaTests {
    // YAML 1.2.2 §10.3.2: the table of regular expressions, and its example.
    @Test(
        "are what the core schema says",
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("NULL", .null), ("nuLL", .string("nuLL")),
            ("true", .bool(true)), ("False", .bool(false)), ("tRUE", .string("tRUE")),
            ("0", .number("0")), ("0o7", .number("7")), ("0x3A", .number("58")), ("-19", .number("-19")),
            ("+19", .number("19")), ("0.", .number("0.0")), ("-0.0", .number("-0.0")), (".5", .number("0.5")),
            ("+12e03", .number("12e03")), ("-2E+05", .number("-2E+05")), ("+1.5", .number("1.5")),
            ("-.5e1", .number("-0.5e1")), ("01.5", .number("1.5")), ("1.50", .number("1.50")),
            ("12345678901234567890", .number("12345678901234567890")),
            ("0o8", .string("0o8")), ("-", .string("-")), (".", .string(".")), ("1.2.3", .string("1.2.3")),
            ("2024-01-01", .string("2024-01-01")), ("1:99", .string("1:99")), ("yes please", .string("yes please")),
            ("yEs", .string("yEs")), ("y", .string("y")), ("e5", .string("e5")),
        ] as [(String, PluginConfiguration)]
    )
    func meaning(_ text: String, _ value: PluginConfiguration) throws {
        #expect(try CoreSchema.value(of: text) == value)
    }

    @Test(
        "are refused where YAML 1.1 says otherwise, and where JSON has no such number",
        arguments: [
            ("yes", "is true to YAML 1.1"), ("No", "is false to YAML 1.1"), ("ON", "is true"), ("off", "is false"),
            ("12:30", "is a number to YAML 1.1"), ("190:20:30.15", "is a number to YAML 1.1"),
            ("1_000", "is a number to YAML 1.1"), ("0b101", "is a number to YAML 1.1"),
            ("-0x1f", "is a number to YAML 1.1"), ("017", "is octal to YAML 1.1"), ("-00", "is octal"),
            (".inf", "no number that JSON has"), ("-.INF", "no number that JSON has"), (".NaN", "no number"),
            ("0xffffffffffffffffff", "large number"), ("1e999", "beyond"), ("-1e-999", "beyond"),
        ]
    )
    func refusal(_ text: String, _ reason: String) throws {
        let refusal = try #require(throws: CoreSchema.Refusal.self) { try CoreSchema.value(of: text) }
        #expect(refusal.reason.contains(reason))
        #expect(refusal.reason.contains("; write") || refusal.reason.contains("; leave"))
    }
}
