// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The names that Rust's compiler gives to functions by RFC 2603 (`_R…`), written as in a program.
///
///     symbol-name ::= "_R" decimal? path instantiating-crate? vendor-specific-suffix?
///
/// Hashes that tell crates of one name apart are left out. The types of a name are in `RustName+Types`, constants in
/// `RustName+Constants`.
struct RustName {
    let bytes: [UInt8]
    var offset: Int
    var text = DemangledText()
    /// How many lifetimes the binders around here have named.
    var boundLifetimes = 0

    /// Demangles a name.
    ///
    /// - Parameters:
    ///   - bytes: The name.
    ///   - effort: Grows by the steps that it took.
    /// - Returns: What it is written as, of what is too large its beginning and an ellipsis; nil if it is none of Rust's.
    static func demangled(_ bytes: [UInt8], _ effort: inout Int) -> String? {
        guard bytes.starts(with: "_R".utf8) else { return nil }
        var name = RustName(bytes: bytes, offset: 2)
        defer { effort += name.text.steps + name.text.bytes.count }
        do throws(DemangleError) {
            // A version would be another encoding than this.
            guard let first = name.peek, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return nil }
            try name.path(inValue: true)
            if name.offset < bytes.count, name.peek != UInt8(ascii: "."), name.peek != UInt8(ascii: "$") {
                name.text.isSilent = true
                try name.path(inValue: false)
            }
            let suffixes = [UInt8(ascii: "."), UInt8(ascii: "$")]
            guard name.offset == bytes.count || suffixes.contains(bytes[name.offset]) else { return nil }
            return String(decoding: name.text.bytes, as: UTF8.self)
        } catch {
            guard error == .tooLarge, !name.text.bytes.isEmpty else { return nil }
            return String(decoding: name.text.bytes, as: UTF8.self) + "…"
        }
    }

    // MARK: - Paths

    /// Writes a path.
    ///
    ///     path ::= "C" identifier | "M" impl-path type | "X" impl-path type path | "Y" type path
    ///            | "N" namespace path identifier | "I" path {generic-arg} "E" | backref
    ///
    /// - Parameter isInValue: Whether arguments follow `::`, as they do in expressions.
    /// - Throws: ``DemangleError``.
    mutating func path(inValue isInValue: Bool) throws(DemangleError) {
        try text.enter()
        defer { text.leave() }
        switch try next() {
        case UInt8(ascii: "C"):
            _ = try disambiguator()
            try writeIdentifier()
        case UInt8(ascii: "M"):
            try implementationPath()
            try text.write("<")
            try type()
            try text.write(">")
        case UInt8(ascii: "X"):
            try implementationPath()
            try implementation()
        case UInt8(ascii: "Y"): try implementation()
        case UInt8(ascii: "N"): try nested(inValue: isInValue)
        case UInt8(ascii: "I"):
            try path(inValue: isInValue)
            if isInValue { try text.write("::") }
            try text.write("<")
            try list { name throws(DemangleError) in try name.argument() }
            try text.write(">")
        case UInt8(ascii: "B"): try backReference { name throws(DemangleError) in try name.path(inValue: isInValue) }
        default: throw .malformed
        }
    }

    /// A type's implementation of a trait.
    private mutating func implementation() throws(DemangleError) {
        try text.write("<")
        try type()
        try text.write(" as ")
        try path(inValue: false)
        try text.write(">")
    }

    /// Where an implementation stands, which is not written.
    private mutating func implementationPath() throws(DemangleError) {
        _ = try disambiguator()
        let wasSilent = text.isSilent
        text.isSilent = true
        try path(inValue: false)
        text.isSilent = wasSilent
    }

    /// What stands in a module or a function: its namespace tells closures and shims (`{closure#0}`) from what has a name.
    private mutating func nested(inValue isInValue: Bool) throws(DemangleError) {
        let namespace = try next()
        try path(inValue: isInValue)
        let number = try disambiguator()
        let identifier = try identifier()
        switch namespace {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            try text.write("::{")
            switch namespace {
            case UInt8(ascii: "C"): try text.write("closure")
            case UInt8(ascii: "S"): try text.write("shim")
            default: try text.write(contentsOf: [namespace])
            }
            if !identifier.isEmpty {
                try text.write(":")
                try text.write(contentsOf: identifier)
            }
            try text.write("#")
            try text.write(number)
            try text.write("}")
        case UInt8(ascii: "a")...UInt8(ascii: "z"):
            guard !identifier.isEmpty else { return }
            try text.write("::")
            try text.write(contentsOf: identifier)
        default: throw .malformed
        }
    }

    /// Writes an argument of a type or a function.
    ///
    ///     generic-arg ::= lifetime | type | "K" const
    mutating func argument() throws(DemangleError) {
        switch peek {
        case UInt8(ascii: "L"):
            offset += 1
            try lifetime(try base62())
        case UInt8(ascii: "K"):
            offset += 1
            try constant(isInValue: false)
        default: try type()
        }
    }

    // MARK: - Words

    /// The next byte, which stays.
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// The next byte.
    mutating func next() throws(DemangleError) -> UInt8 {
        guard offset < bytes.count else { throw .malformed }
        offset += 1
        return bytes[offset - 1]
    }

    /// Whether the next byte is a certain one, which is then passed over.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    /// Writes what stands before an "E", with commas between.
    ///
    /// - Returns: How many there were.
    /// - Throws: ``DemangleError``.
    @discardableResult
    mutating func list(_ element: (inout RustName) throws(DemangleError) -> Void) throws(DemangleError) -> Int {
        var count = 0
        while !take("E") {
            if count > 0 { try text.write(", ") }
            try element(&self)
            count += 1
        }
        return count
    }

    /// Goes back to where something was said already; it can only have been before.
    mutating func backReference(_ element: (inout RustName) throws(DemangleError) -> Void) throws(DemangleError) {
        let start = offset - 1
        let place = try base62()
        guard place < UInt64(start - 2) else { throw .malformed }
        // What is passed over is so there, too.
        guard !text.isSilent else { return }
        let end = offset
        offset = Int(place) + 2
        try element(&self)
        offset = end
    }

    /// The number of what has the same name as something else.
    ///
    ///     disambiguator ::= "s" base-62-number
    mutating func disambiguator() throws(DemangleError) -> UInt64 {
        guard take("s") else { return 0 }
        let number = try base62()
        guard number < .max else { throw .malformed }
        return number + 1
    }

    /// A number that is one more than its digits say; without digits 0.
    ///
    ///     base-62-number ::= {0-9a-zA-Z} "_"
    mutating func base62() throws(DemangleError) -> UInt64 {
        if take("_") { return 0 }
        var value: UInt64 = 0
        while !take("_") {
            let byte = try next()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A") + 36
            default: throw .malformed
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { throw .malformed }
            value = sum
        }
        guard value < .max else { throw .malformed }
        return value + 1
    }

    /// A word of a path.
    ///
    ///     undisambiguated-identifier ::= "u"? decimal "_"? bytes
    mutating func identifier() throws(DemangleError) -> [UInt8] {
        let isEncoded = take("u")
        var count = 0
        guard let first = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { throw .malformed }
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            offset += 1
            count = count * 10 + Int(byte - UInt8(ascii: "0"))
            guard count <= bytes.count else { throw .malformed }
            if byte == first, count == 0 { break }
        }
        _ = take("_")
        guard count <= bytes.count - offset else { throw .malformed }
        let identifier = bytes[offset..<offset + count]
        offset += count
        guard isEncoded else { return Array(identifier) }
        guard let decoded = Punycode.decoded(identifier) else { throw .malformed }
        return Array(decoded.utf8)
    }

    private mutating func writeIdentifier() throws(DemangleError) {
        try text.write(contentsOf: try identifier())
    }
}
