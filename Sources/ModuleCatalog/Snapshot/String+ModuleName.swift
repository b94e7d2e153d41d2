// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension String {
    /// What stands for bytes of a name that are not UTF-8.
    private static let replacement: Unicode.Scalar = "\u{fffd}"

    /// Whether bytes of this name were replaced, as they are not UTF-8.
    var hasBytesThatAreNotUTF8: Bool { unicodeScalars.contains(Self.replacement) }

    /// Whether this name was meant to be a module's, and is not: `PLUGIN.WASM`, or one with something at its end that nobody sees.
    var isNearlyNamedAsModule: Bool {
        let scalars = unicodeScalars
        let end = scalars.lastIndex { !Self.isHardlySeen($0) }.map(scalars.index(after:)) ?? scalars.startIndex
        return String(scalars[..<end]).lowercased().hasSuffix(ModulePath.suffix)
    }

    /// Whether a character is white space, a control character, one that shows nothing, a mark on another one, or stands for bytes
    /// that are not UTF-8.
    private static func isHardlySeen(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if scalar == replacement || properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }
}
