// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// The types in a name of Rust's.
//
//     type ::= basic-type | path | "A" type const | "S" type | "T" {type} "E" | "R" lifetime? type | "Q" lifetime? type
//            | "P" type | "O" type | "F" fn-sig | "D" dyn-bounds lifetime | backref
extension RustName {
    /// Writes a type.
    mutating func type() throws(DemangleError) {
        try text.enter()
        defer { text.leave() }
        let tag = try next()
        if let basic = Self.basicTypes[tag] { return try text.write(basic) }
        switch tag {
        case UInt8(ascii: "A"):
            try text.write("[")
            try type()
            try text.write("; ")
            try constant(isInValue: true)
            try text.write("]")
        case UInt8(ascii: "S"):
            try text.write("[")
            try type()
            try text.write("]")
        case UInt8(ascii: "T"):
            try text.write("(")
            // A tuple of one is told from parentheses by its comma.
            if try list({ name throws(DemangleError) in try name.type() }) == 1 { try text.write(",") }
            try text.write(")")
        case UInt8(ascii: "R"), UInt8(ascii: "Q"):
            try text.write("&")
            if take("L"), case let number = try base62(), number > 0 {
                try lifetime(number)
                try text.write(" ")
            }
            if tag == UInt8(ascii: "Q") { try text.write("mut ") }
            try type()
        case UInt8(ascii: "P"):
            try text.write("*const ")
            try type()
        case UInt8(ascii: "O"):
            try text.write("*mut ")
            try type()
        case UInt8(ascii: "F"):
            try withBinder { name throws(DemangleError) in try name.functionSignature() }
        case UInt8(ascii: "D"): try dynamic()
        case UInt8(ascii: "B"): try backReference { name throws(DemangleError) in try name.type() }
        default:
            offset -= 1
            try path(inValue: false)
        }
    }

    /// Writes the type of a function.
    ///
    ///     fn-sig ::= binder? "U"? ("K" abi)? {type} "E" type        abi ::= "C" | undisambiguated-identifier
    private mutating func functionSignature() throws(DemangleError) {
        if take("U") { try text.write("unsafe ") }
        if take("K") {
            try text.write("extern \"")
            if take("C") {
                try text.write("C")
            } else {
                // Hyphens cannot be in an identifier.
                try text.write(contentsOf: try identifier().map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
            }
            try text.write("\" ")
        }
        try text.write("fn(")
        try list { name throws(DemangleError) in try name.type() }
        try text.write(")")
        if take("u") { return }
        try text.write(" -> ")
        try type()
    }

    /// Writes a trait object.
    ///
    ///     dyn-bounds ::= binder? {dyn-trait} "E"
    private mutating func dynamic() throws(DemangleError) {
        try text.write("dyn ")
        try withBinder { name throws(DemangleError) in
            var count = 0
            while !name.take("E") {
                if count > 0 { try name.text.write(" + ") }
                try name.dynamicTrait()
                count += 1
            }
        }
        guard take("L") else { throw .malformed }
        let number = try base62()
        guard number > 0 else { return }
        try text.write(" + ")
        try lifetime(number)
    }

    /// Writes a trait with the types that are bound to its names.
    ///
    ///     dyn-trait ::= path {"p" undisambiguated-identifier type}
    private mutating func dynamicTrait() throws(DemangleError) {
        var isOpen = try pathLeftOpen()
        while take("p") {
            try text.write(isOpen ? ", " : "<")
            isOpen = true
            try text.write(contentsOf: try identifier())
            try text.write(" = ")
            try type()
        }
        if isOpen { try text.write(">") }
    }

    /// Writes a path whose arguments others may follow.
    ///
    /// - Returns: Whether there are any, so that a bracket is open.
    /// - Throws: ``DemangleError``.
    private mutating func pathLeftOpen() throws(DemangleError) -> Bool {
        try text.enter()
        defer { text.leave() }
        if take("B") {
            var isOpen = false
            try backReference { name throws(DemangleError) in isOpen = try name.pathLeftOpen() }
            return isOpen
        }
        guard take("I") else {
            try path(inValue: false)
            return false
        }
        try path(inValue: false)
        try text.write("<")
        try list { name throws(DemangleError) in try name.argument() }
        return true
    }

    // MARK: - Lifetimes

    /// Writes the lifetimes that are bound for some content, and the content.
    ///
    ///     binder ::= "G" base-62-number
    private mutating func withBinder(
        _ content: (inout RustName) throws(DemangleError) -> Void
    ) throws(DemangleError) {
        let outer = boundLifetimes
        defer { boundLifetimes = outer }
        if take("G") {
            let count = try base62() + 1
            guard count <= UInt64(DemangledText.mostBytes) else { throw .tooLarge }
            try text.write("for<")
            for index in 0..<Int(count) {
                if index > 0 { try text.write(", ") }
                boundLifetimes += 1
                try lifetime(1)
            }
            try text.write("> ")
        }
        try content(&self)
    }

    /// Writes a lifetime by its distance: 1 is the last one that was bound here, 0 has no name.
    mutating func lifetime(_ number: UInt64) throws(DemangleError) {
        try text.write("'")
        guard number > 0 else { return try text.write("_") }
        // What is passed over has not bound all that its names tell of.
        guard number <= UInt64(boundLifetimes) else { throw .malformed }
        let depth = boundLifetimes - Int(number)
        if depth < 26 {
            try text.write(contentsOf: [UInt8(ascii: "a") + UInt8(depth)])
        } else {
            try text.write("_")
            try text.write(depth)
        }
    }

    /// The types of the language itself, by their letters.
    static let basicTypes: [UInt8: StaticString] = [
        UInt8(ascii: "a"): "i8", UInt8(ascii: "b"): "bool", UInt8(ascii: "c"): "char", UInt8(ascii: "d"): "f64",
        UInt8(ascii: "e"): "str", UInt8(ascii: "f"): "f32", UInt8(ascii: "h"): "u8", UInt8(ascii: "i"): "isize",
        UInt8(ascii: "j"): "usize", UInt8(ascii: "l"): "i32", UInt8(ascii: "m"): "u32", UInt8(ascii: "n"): "i128",
        UInt8(ascii: "o"): "u128", UInt8(ascii: "p"): "_", UInt8(ascii: "s"): "i16", UInt8(ascii: "t"): "u16",
        UInt8(ascii: "u"): "()", UInt8(ascii: "v"): "...", UInt8(ascii: "x"): "i64", UInt8(ascii: "y"): "u64",
        UInt8(ascii: "z"): "!",
    ]
}
