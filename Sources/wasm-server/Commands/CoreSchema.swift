// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

/// What a plain scalar means: the core schema of YAML 1.2.2 (§10.3.2).
///
/// What YAML 1.1 gives a meaning, or another one, is rejected: whoever wrote it may have meant either.
enum CoreSchema {
    /// Why a scalar has no value, and what to write instead; it follows the scalar.
    struct Rejection: Error, Hashable {
        let reason: String
    }

    /// The value of a plain scalar.
    ///
    /// - Throws: ``Rejection``.
    static func value(of text: String) throws(Rejection) -> PluginConfiguration {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let word = words[text.lowercased()], isWord(text) {
            throw Rejection(reason: "is \(word) to YAML 1.1 and text to YAML 1.2; write \(word), or put it in quotes")
        }
        return if let number = try number(text) { .number(number) } else { .string(text) }
    }

    // MARK: Words

    /// What YAML 1.1 takes for truth values besides (https://yaml.org/type/bool.html, as parsers take it).
    private static let words = ["yes": "true", "no": "false", "on": "true", "off": "false"]

    /// Whether a text is in lowercase, capitalized or in capitals.
    private static func isWord(_ text: String) -> Bool {
        [text.lowercased(), text.uppercased(), text.prefix(1).uppercased() + text.dropFirst().lowercased()].contains(
            text
        )
    }
}
