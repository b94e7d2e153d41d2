// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

/// What a plain scalar means: the core schema of YAML 1.2.2 (§10.3.2).
///
/// What YAML 1.1 gives a meaning, or another one, is refused: whoever wrote it may have meant either.
enum CoreSchema {
    /// Why a scalar has no value, and what to write instead; it follows the scalar.
    struct Refusal: Error, Hashable {
        let reason: String
    }

    /// The value of a plain scalar.
    ///
    /// - Throws: ``Refusal``.
    static func value(of text: String) throws(Refusal) -> PluginConfiguration {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let word = words[text.lowercased()], isWord(text) {
            throw Refusal(reason: "is \(word) to YAML 1.1 and text to YAML 1.2; write \(word), or put it in quotes")
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

    // MARK: Numbers

    /// A number, as JSON writes it (RFC 8259 §6); nil if the text is none.
    private static func number(_ text: String) throws(Refusal) -> String? {
        // Most text is told apart here.
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        if text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)/) != nil {
            throw Refusal(reason: "is no number that JSON has; write another one, or put it in quotes")
        }
        if let (_, sign, whole, fraction, exponent) = text.wholeMatch(of: decimal)?.output {
            return try decimal(sign, whole, fraction ?? "", exponent ?? "")
        }
        if let (_, base, digits) = text.wholeMatch(of: /0(x|o)([0-9a-fA-F]+)/)?.output,
            base == "x" || digits.allSatisfy({ ("0"..."7").contains($0) })
        {
            guard let number = UInt64(digits, radix: base == "x" ? 16 : 8) else {
                throw Refusal(reason: "is a large number; write it in decimal")
            }
            return "\(number)"
        }
        guard text.wholeMatch(of: earlier) == nil else {
            throw Refusal(
                reason: "is a number to YAML 1.1 and text to YAML 1.2; write another one, or put it in quotes"
            )
        }
        return nil
    }

    /// Integers and floating-point numbers: sign, digits, what follows the point, and the exponent.
    private static var decimal: Regex<(Substring, Substring, Substring, Substring?, Substring?)> {
        /([-+]?)([0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?/
    }

    private static func decimal(
        _ sign: Substring,
        _ whole: Substring,
        _ fraction: Substring,
        _ exponent: Substring
    ) throws(Refusal) -> String? {
        let decimals = fraction.dropFirst()
        guard !whole.isEmpty || !decimals.isEmpty else { return nil }
        let isInteger = fraction.isEmpty && exponent.isEmpty
        guard !isInteger || whole == "0" || whole.first != "0" else {
            throw Refusal(
                reason: "is octal to YAML 1.1 and decimal to YAML 1.2; leave the zeros out, or put it in quotes"
            )
        }
        let digits = whole.drop { $0 == "0" }
        let point = fraction.isEmpty ? "" : decimals.isEmpty ? ".0" : ".\(decimals)"
        let number = "\(sign == "-" ? "-" : "")\(digits.isEmpty ? "0" : digits)\(point)\(exponent)"
        guard PluginConfiguration.isInRange(number) else {
            throw Refusal(reason: "is beyond what readers of JSON can hold; write another number, or put it in quotes")
        }
        return number
    }

    /// Numbers of YAML 1.1 alone (https://yaml.org/type/int.html, https://yaml.org/type/float.html): in binary, with a sign in
    /// hexadecimal, with underscores, and in base 60.
    private static var earlier: Regex<Substring> {
        /[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+][0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)/
    }
}
