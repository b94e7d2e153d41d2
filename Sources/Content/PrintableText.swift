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
}
