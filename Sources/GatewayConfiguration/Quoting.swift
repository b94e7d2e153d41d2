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
            default:
                if isEscaped(scalar) {
                    let digits = String(scalar.value, radix: 16)
                    quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }

    /// Whether a character is a control, turns the direction of text, or is what some take for a line break or leave out; beyond four
    /// digits the two languages have no escape in common.
    private func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7e).contains(scalar.value) || scalar.value > 0xffff { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return ["\u{fffe}", "\u{ffff}"].contains(scalar)
        }
    }

    /// The text with every line but the first moved to the right, to stand in a template at that column.
    func indented(_ columns: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n" + String(repeating: " ", count: columns))
    }
}
