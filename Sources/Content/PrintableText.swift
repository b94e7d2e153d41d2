// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension String {
    /// The text, safe to show on a terminal: control characters are spelled out.
    package var printable: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += scalar.escaped(asASCII: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text, or so many bytes of its beginning and an ellipsis; a Unicode scalar that would be cut is left out.
    ///
    /// Characters would bound nothing: any number of combining marks are one.
    package func abbreviated(to count: Int) -> String {
        guard utf8.count > count else { return self }
        return String(self[..<utf8.index(startIndex, offsetBy: count)]) + "…"
    }
}
