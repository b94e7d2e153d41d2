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
            ("0b2", .string("0b2")), ("0x", .string("0x")), ("1:2:99", .string("1:2:99")),
            ("10.0.0.1", .string("10.0.0.1")),
            ("1e", .string("1e")), ("1_x", .string("1_x")), ("1_0e5", .string("1_0e5")), ("+", .string("+")),
            ("+.nan", .string("+.nan")),
            ("1\u{301}", .string("1\u{301}")), ("yEs", .string("yEs")), ("y", .string("y")), ("e5", .string("e5")),
        ] as [(String, PluginConfiguration)]
    )
    func meaning(_ text: String, _ value: PluginConfiguration) throws {
        #expect(try CoreSchema.value(of: text) == value)
    }

    @Test(
        "are rejected where YAML 1.1 says otherwise, and where JSON has no such number",
        arguments: [
            ("yes", "is true to YAML 1.1"), ("No", "is false to YAML 1.1"), ("ON", "is true"), ("off", "is false"),
            ("12:30", "is a number to YAML 1.1"), ("190:20:30.15", "is a number to YAML 1.1"),
            ("1_000", "is a number to YAML 1.1"), ("0b101", "is a number to YAML 1.1"),
            ("-0x1f", "is a number to YAML 1.1"), ("0x_1", "is a number to YAML 1.1"),
            ("1_0.5e+3", "is a number to YAML 1.1"),
            ("1:59", "is a number to YAML 1.1"), ("1_:0", "is a number to YAML 1.1"), ("017", "is octal to YAML 1.1"),
            ("-00", "is octal"),
            (".inf", "not a number in JSON"), ("-.INF", "not a number in JSON"), (".NaN", "not a number"),
            ("0xffffffffffffffffff", "large number"), ("1e999", "beyond"), ("-1e-999", "beyond"),
        ]
    )
    func rejection(_ text: String, _ reason: String) throws {
        let rejection = try #require(throws: CoreSchema.Rejection.self) { try CoreSchema.value(of: text) }
        #expect(rejection.reason.contains(reason))
        #expect(rejection.reason.contains("; write") || rejection.reason.contains("; leave"))
    }

    @Test(
        "are gone through once, however long they are",
        .timeLimit(.minutes(5)),
        arguments: [
            ("", "1:", "x"), ("", "1:", "60"), ("", "00:", "11:2x"), ("", "1_", "x"), ("-", "0_1", ".-"),
            ("", "1", "e"),
            ("0b", "01_", "2"), ("0x", "f_", "g"), ("1.", "0_", "e"), ("1:1.", "0_", "x"), ("+", "+", "1"),
            ("", ".", "1"),
        ]
    )
    func long(_ start: String, _ middle: String, _ end: String) throws {
        for count in [24, 20_000] {
            let text = start + String(repeating: middle, count: count) + end
            #expect(try CoreSchema.value(of: text) == .string(text))
        }
    }

    // https://yaml.org/type/int.html, https://yaml.org/type/float.html.
    @Test(
        "are rejected as numbers of YAML 1.1 as its expressions have them",
        arguments: [
            "1:0", "1:5", "1:59", "1:2:3", "+1:00", "-190:20:30", "1_0:20", "190:20:30.", "190:20:30.1_5", "0b0",
            "-0b1_1",
            "0x_f_f", "+0xa", "1_", "6_8.5", "6_85.230_15e+03", "1_.", "0_0",
        ]
    )
    func earlier(_ text: String) throws {
        let rejection = try #require(throws: CoreSchema.Rejection.self) { try CoreSchema.value(of: text) }
        #expect(rejection.reason.contains("is a number to YAML 1.1"))
    }

    @Test(
        "are text if they only look like numbers",
        arguments: [
            "1:", ":1", "1:60", "1:123", "1:2:", "1:2e+3", "1::2", "0b", "0b2", "0x", "-0xg", "_1", "1_e3", "1e", "1e+",
            "1.5.",
            "+-1", "--1", "+", "+.", ".e3", "-.", "0o", "+0o7", "1\u{301}", "\u{661}", "1 2", ".infinity", "+.nan",
            "- 1",
        ]
    )
    func text(_ text: String) throws {
        #expect(try CoreSchema.value(of: text) == .string(text))
    }
}
