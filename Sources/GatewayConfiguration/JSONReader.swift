// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Reads JSON (RFC 8259) as it is written: numbers keep their digits, members their order.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Reads the whole text (§2).
    mutating func document() throws(JSONError) -> PluginConfiguration {
        // A byte order mark may be ignored (§8.1).
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
        skipSpace()
        let value = try value(depth: 1)
        skipSpace()
        guard position == bytes.count else { throw failure(foreign ?? "something follows the end") }
        return value
    }

    // MARK: Values

    /// Reads a value (§3).
    private mutating func value(depth: Int) throws(JSONError) -> PluginConfiguration {
        guard depth <= PluginConfiguration.deepest else {
            throw failure("has more than \(PluginConfiguration.deepest) levels")
        }
        guard let next else { throw failure("a value is missing") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default:
            for (word, value) in Self.words where bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
            throw failure(foreign ?? "a value is missing")
        }
    }

    private static let words: [(String, PluginConfiguration)] = [
        ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    ]

    /// Reads an object (§4); two members of one name are rejected, as nobody could say which of them counts.
    private mutating func object(depth: Int) throws(JSONError) -> PluginConfiguration {
        var members: [PluginConfiguration.Member] = []
        // By bytes: to Swift, but not to JSON, two spellings of é are the same.
        var names: Set<[UInt8]> = []
        try list(until: UInt8(ascii: "}")) { reader throws(JSONError) in
            guard reader.next == UInt8(ascii: "\"") else {
                throw reader.failure(reader.foreign ?? "a name in double quotes is missing")
            }
            let start = reader
            let name = try reader.string()
            guard names.insert(Array(name.utf8)).inserted else { throw start.failure("the name is duplicated") }
            reader.skipSpace()
            guard reader.take(UInt8(ascii: ":")) else { throw reader.failure("a colon is missing") }
            reader.skipSpace()
            members.append(.init(name, try reader.value(depth: depth + 1)))
        }
        return .object(members)
    }

    /// Reads an array (§5).
    private mutating func array(depth: Int) throws(JSONError) -> PluginConfiguration {
        var elements: [PluginConfiguration] = []
        try list(until: UInt8(ascii: "]")) { reader throws(JSONError) in
            elements.append(try reader.value(depth: depth + 1))
        }
        return .array(elements)
    }

    /// Reads what stands between two brackets, with commas in between.
    private mutating func list(
        until end: UInt8,
        _ item: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        position += 1
        skipSpace()
        if take(end) { return }
        repeat {
            let comma = self
            skipSpace()
            if next == end { throw comma.failure("a comma has nothing behind it", before: 1) }
            try item(&self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(end) else { throw failure(foreign ?? "a comma or the end is missing") }
    }

    /// Reads a number (§6).
    private mutating func number() throws(JSONError) -> String {
        let start = self
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        let text = String(decoding: bytes[start.position..<position], as: UTF8.self)
        guard PluginConfiguration.isInRange(text) else {
            throw start.failure("a number is beyond what readers can hold")
        }
        return text
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while next?.isDigit == true { position += 1 }
        guard position > start else { throw failure(foreign ?? "a digit is missing") }
    }

    // MARK: Strings

    /// Reads a string (§7).
    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let next {
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += try escaped().utf8
            case 0x0a, 0x0d:
                throw failure("a line break in a string has to be written \\n")
            case 0..<0x20:
                throw failure("a control character has to be escaped")
            default:
                text.append(next)
                position += 1
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escaped() throws(JSONError) -> String {
        let start = self
        position += 1
        guard let letter = next else { throw failure("a string does not end") }
        position += 1
        if let character = Self.escapes[letter] { return character }
        guard letter == UInt8(ascii: "u") else { throw start.failure("there is no such escape") }
        var units = [try codeUnit()]
        // What does not fit into four digits is written as two surrogates.
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            units.append(try codeUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw start.failure("half of a surrogate pair is no character")
        }
        return text
    }

    private static let escapes: [UInt8: String] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits are missing") }
        position += 4
        return unit
    }

    // MARK: Bytes

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while next == 0x20 || next == 0x09 || next == 0x0a || next == 0x0d { position += 1 }
    }

    /// What stands here instead of JSON, if it is something that people write for it.
    private var foreign: String? {
        let rest = bytes[position...]
        return Self.foreignSigns.first { rest.starts(with: $0.sign.utf8) }?.reason
    }

    /// Comments, JSON5, Python, spaces and quotes of word processors.
    private static let foreignSigns: [(sign: String, reason: String)] = [
        ("//", "JSON has no comments"), ("/*", "JSON has no comments"), ("#", "JSON has no comments"),
        ("'", "JSON has double quotes only"), ("\u{201c}", "JSON has straight double quotes only"),
        ("\u{201d}", "JSON has straight double quotes only"), ("NaN", "JSON has no NaN"),
        ("Infinity", "JSON has no Infinity"), ("undefined", "JSON has null and no undefined"),
        ("True", "JSON has true in lowercase"),
        ("False", "JSON has false in lowercase"), ("None", "JSON has null and no None"),
        ("+", "JSON numbers have no plus"),
        (".", "JSON numbers have a digit before the point"), ("\u{a0}", "a no-break space is no space to JSON"),
        ("\u{feff}", "a byte order mark stands inside the text"),
    ]

    /// An error here, or some bytes before.
    private func failure(_ reason: String, before distance: Int = 0) -> JSONError {
        let position = position - distance
        let before = bytes[..<position]
        let line = before.count { $0 == 0x0a } + 1
        let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        return JSONError(line: line, column: position - start + 1, reason: reason)
    }
}

/// Why a text is not JSON: where that shows, and the reason.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in bytes.
    package let column: Int
    /// What is wrong there.
    package let reason: String

    /// One line: the place and the reason.
    package var description: String { "line \(line), column \(column): \(reason)" }
}
