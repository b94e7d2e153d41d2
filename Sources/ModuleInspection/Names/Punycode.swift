// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Text in the letters and digits that names of compilers may have (RFC 3492), with an underscore for the hyphen (RFC 2603).
enum Punycode {
    // RFC 3492 §5.
    private static let (base, tMin, tMax, skew, damp, initialBias) = (36, 1, 26, 38, 700, 72)
    private static let initialValue = 128
    /// The most characters that a name is decoded to; each of them moves those behind it.
    private static let mostCharacters = 200

    /// Decodes a name (RFC 3492 §6.2); nil if it is none, or long.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        let delimiter = bytes.lastIndex(of: UInt8(ascii: "_"))
        var characters = (delimiter.map { bytes[..<$0] } ?? []).map { Unicode.Scalar($0) }
        var digits = delimiter.map { bytes[($0 + 1)...] } ?? bytes
        guard characters.allSatisfy(\.isASCII), !digits.isEmpty, bytes.count <= mostCharacters else { return nil }
        var (value, index, bias) = (initialValue, 0, initialBias)
        while !digits.isEmpty {
            guard let delta = variableLength(&digits, bias: bias) else { return nil }
            let count = characters.count + 1
            let (position, overflow) = index.addingReportingOverflow(delta)
            guard !overflow else { return nil }
            bias = adapted(delta, count: count, isFirst: index == 0)
            value += position / count
            index = position % count
            guard value <= Int(UInt32.max), let scalar = Unicode.Scalar(UInt32(value)) else { return nil }
            characters.insert(scalar, at: index)
            index += 1
        }
        return String(String.UnicodeScalarView(characters))
    }

    private static func variableLength(_ digits: inout ArraySlice<UInt8>, bias: Int) -> Int? {
        var (delta, weight, position) = (0, 1, base)
        while true {
            guard let digit = digits.popFirst().flatMap(value(of:)) else { return nil }
            let (product, overflow) = digit.multipliedReportingOverflow(by: weight)
            let (sum, carry) = delta.addingReportingOverflow(product)
            guard !overflow, !carry, sum <= Int(UInt32.max) else { return nil }
            delta = sum
            let threshold = min(max(position - bias, tMin), tMax)
            if digit < threshold { return delta }
            let (next, excess) = weight.multipliedReportingOverflow(by: base - threshold)
            guard !excess else { return nil }
            (weight, position) = (next, position + base)
        }
    }

    private static func value(of digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit - UInt8(ascii: "a"))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit - UInt8(ascii: "0")) + 26
        default: nil
        }
    }

    /// RFC 3492 §6.1.
    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / damp : delta / 2
        rest += rest / count
        var steps = 0
        while rest > (base - tMin) * tMax / 2 {
            rest /= base - tMin
            steps += base
        }
        return steps + (base - tMin + 1) * rest / (rest + skew)
    }
}
