// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A number in a JSON text (RFC 8259 §6), read byte by byte.
struct JSONNumber {
    private enum Part {
        case nothing
        case sign
        case zero
        case digits
        case point
        case fraction
        case exponent
        case exponentSign
        case exponentDigits
    }

    private var part = Part.nothing
    private var isNegative = false
    /// The digits before the point, with their sign; nil if they are too many.
    private var value: Int? = 0

    /// Whether what came so far is a number.
    var isWhole: Bool {
        switch part {
        case .zero, .digits, .fraction, .exponentDigits: true
        case .nothing, .sign, .point, .exponent, .exponentSign: false
        }
    }

    /// The number, if it is written as an integer and can be held.
    var integer: Int? {
        switch part {
        case .zero, .digits: value
        default: nil
        }
    }

    /// Reads one byte more.
    ///
    /// - Returns: Whether it belongs to the number.
    mutating func read(_ byte: UInt8) -> Bool {
        switch (part, byte) {
        case (.nothing, UInt8(ascii: "-")):
            isNegative = true
            part = .sign
        case (.nothing, UInt8(ascii: "0")), (.sign, UInt8(ascii: "0")): part = .zero
        case (.nothing, 0x31...0x39), (.sign, 0x31...0x39), (.digits, 0x30...0x39):
            part = .digits
            append(Int(byte - 0x30))
        case (.zero, UInt8(ascii: ".")), (.digits, UInt8(ascii: ".")): part = .point
        case (.point, 0x30...0x39), (.fraction, 0x30...0x39): part = .fraction
        case (.zero, 0x45), (.zero, 0x65), (.digits, 0x45), (.digits, 0x65), (.fraction, 0x45), (.fraction, 0x65):
            part = .exponent
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): part = .exponentSign
        case (.exponent, 0x30...0x39), (.exponentSign, 0x30...0x39), (.exponentDigits, 0x30...0x39):
            part = .exponentDigits
        default: return false
        }
        return true
    }

    private mutating func append(_ digit: Int) {
        guard let before = value else { return }
        let (tens, isTooLarge) = before.multipliedReportingOverflow(by: 10)
        let (sum, isTooLargeNow) = tens.addingReportingOverflow(isNegative ? -digit : digit)
        value = isTooLarge || isTooLargeNow ? nil : sum
    }
}
