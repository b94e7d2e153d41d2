// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// The constants in a name of Rust's.
//
//     const ::= type const-data | "p" | backref        const-data ::= "n"? {hex-digit} "_"
//
// Beside RFC 2603, as the compiler has them: "e" const-data for text, "R" and "Q" const, "A" {const} "E", "T" {const} "E".
extension RustName {
    /// Writes a constant; what is no plain number stands in braces among a type's arguments.
    mutating func constant(isInValue: Bool) throws(DemangleError) {
        try text.enter()
        defer { text.leave() }
        let tag = try next()
        switch tag {
        case UInt8(ascii: "p"): try text.write("_")
        case UInt8(ascii: "b"): try boolean()
        case UInt8(ascii: "c"): try character()
        case UInt8(ascii: "a"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "n"), UInt8(ascii: "s"),
            UInt8(ascii: "x"):
            if take("n") { try text.write("-") }
            try number()
        case UInt8(ascii: "h"), UInt8(ascii: "j"), UInt8(ascii: "m"), UInt8(ascii: "o"), UInt8(ascii: "t"),
            UInt8(ascii: "y"):
            try number()
        case UInt8(ascii: "B"):
            try backReference { name throws(DemangleError) in try name.constant(isInValue: isInValue) }
        default: try composite(tag, isInValue: isInValue)
        }
    }

    private mutating func composite(_ tag: UInt8, isInValue: Bool) throws(DemangleError) {
        if !isInValue { try text.write("{") }
        switch tag {
        case UInt8(ascii: "e"):
            try text.write("*")
            try string()
        case UInt8(ascii: "R") where take("e"): try string()
        case UInt8(ascii: "R"), UInt8(ascii: "Q"):
            try text.write("&")
            if tag == UInt8(ascii: "Q") { try text.write("mut ") }
            try constant(isInValue: true)
        case UInt8(ascii: "A"):
            try text.write("[")
            try list { name throws(DemangleError) in try name.constant(isInValue: true) }
            try text.write("]")
        case UInt8(ascii: "T"):
            try text.write("(")
            if try list({ name throws(DemangleError) in try name.constant(isInValue: true) }) == 1 {
                try text.write(",")
            }
            try text.write(")")
        default: throw .malformed
        }
        if !isInValue { try text.write("}") }
    }

    private mutating func digits() throws(DemangleError) -> ArraySlice<UInt8> {
        let start = offset
        while !take("_") {
            switch try next() {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): break
            default: throw .malformed
            }
        }
        return bytes[start..<offset - 1]
    }

    /// A number in decimal digits, or in its hexadecimal ones if it is large.
    private mutating func number() throws(DemangleError) {
        let digits = try digits().drop { $0 == UInt8(ascii: "0") }
        if digits.isEmpty {
            try text.write("0")
        } else if let value = UInt64(String(decoding: digits, as: UTF8.self), radix: 16) {
            try text.write(value)
        } else {
            try text.write("0x")
            try text.write(contentsOf: digits)
        }
    }

    private mutating func boolean() throws(DemangleError) {
        switch Array(try digits()) {
        case [UInt8(ascii: "0")]: try text.write("false")
        case [UInt8(ascii: "1")]: try text.write("true")
        default: throw .malformed
        }
    }

    private mutating func character() throws(DemangleError) {
        guard let value = UInt32(String(decoding: try digits(), as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw .malformed }
        try text.write("'")
        try text.write(contentsOf: Array((scalar == "'" ? "\\'" : scalar.escaped(asASCII: false)).utf8))
        try text.write("'")
    }

    /// Text, each byte of which is two digits.
    private mutating func string() throws(DemangleError) {
        let digits = Array(try digits())
        guard digits.count.isMultiple(of: 2) else { throw .malformed }
        let content = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        guard let value = String(validating: content, as: UTF8.self) else { throw .malformed }
        try text.write(contentsOf: Array(value.debugDescription.utf8))
    }
}
