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
