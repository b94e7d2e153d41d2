// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The one part of JSON that is needed where there is no time for an encoder: strings (RFC 8259 §7).
package enum JSONText {
    /// A string in quotes, with what must be escaped escaped.
    package static func quoted(_ text: String) -> String {
        // Most text has nothing to escape, and every log line has much of it.
        guard text.utf8.contains(where: mayNeedEscape) else { return "\"\(text)\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        !(0x20...0x7e).contains(byte) || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
