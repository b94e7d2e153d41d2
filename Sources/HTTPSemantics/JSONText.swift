// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The one part of JSON that is needed where there is no time for an encoder: strings (RFC 8259 §7).
package enum JSONText {
    /// A string in quotes, with what must be escaped escaped, and what a terminal would obey.
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
            default:
                if scalar.steersDisplay { quoted += escape(scalar) } else { quoted.unicodeScalars.append(scalar) }
            }
        }
        return quoted + "\""
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        !(0x20...0x7e).contains(byte) || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// A document with what a terminal would obey escaped in its strings; an encoder escapes only what it must.
    package static func printable(_ document: String) -> String {
        guard document.unicodeScalars.contains(where: { $0 != "\n" && $0.steersDisplay }) else { return document }
        return document.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar != "\n", scalar.steersDisplay {
                text += escape(scalar)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        UTF16.encode(scalar)?.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        .joined() ?? ""
    }
}

extension Unicode.Scalar {
    /// Whether it is not seen but obeyed: it controls a terminal, ends a line, or turns the direction of what follows.
    package var steersDisplay: Bool {
        if (0x20...0x7e).contains(value) { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
