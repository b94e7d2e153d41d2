// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension String {
    /// The text in double quotes, so that it is the same string to JSON (RFC 8259 §7) and to YAML 1.2 (§7.3.1), on one line, and
    /// nothing in it can be taken for anything else.
    package var quoted: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            // Controls, and what some take for a line break or leave out.
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The text with every line but the first moved to the right, to stand in a template at that column.
    func indented(_ columns: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n" + String(repeating: " ", count: columns))
    }
}
