// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Characters of ASCII (RFC 5234, appendix B.1), by which the grammars of RFCs are written.
extension UInt8 {
    /// A decimal digit (`DIGIT`).
    package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// A letter that is small.
    package var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }

    /// A letter that is large.
    package var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }

    /// A letter (`ALPHA`).
    package var isLetter: Bool { isLowercaseLetter || isUppercaseLetter }

    /// A letter or a decimal digit.
    package var isAlphanumeric: Bool { isLetter || isDigit }

    /// A hexadecimal digit whose letters are small.
    package var isLowercaseHexadecimalDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self) }

    /// A hexadecimal digit, its letters small or large (`HEXDIG`, case-insensitive as RFC 5234 §2.3 has it).
    package var isHexadecimalDigit: Bool {
        isLowercaseHexadecimalDigit || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(self)
    }
}

extension UInt8 {
    /// The byte, or the small letter in place of a large one.
    var lowercased: UInt8 { isUppercaseLetter ? self | 0x20 : self }
}

extension Span<UInt8> {
    /// Whether the bytes spell a text.
    package func isEqual(to text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let text = unsafe text.utf8Start
        for index in indices {
            // The text has as many bytes.
            guard unsafe self[index] == text[index] else { return false }
        }
        return true
    }

    /// Whether the bytes spell a text that has no large letters, in which they may have some.
    package func isEqual(ignoringCaseOf text: String) -> Bool {
        count == text.utf8.count && zip(indices, text.utf8).allSatisfy { self[$0].lowercased == $1 }
    }
}
