// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What comes in a JSON text, one after another; of strings and numbers only what is short.
enum JSONEvent: Equatable {
    case beginObject
    case beginArray
    /// The object or array that began last and has not ended ends.
    case end
    /// The name of the member whose value comes next; nil if it is long.
    case name([UInt8]?)
    /// The UTF-8 of a string; nil if it is long.
    case string([UInt8]?)
    /// A number; nil if it is none of the integers of this machine.
    case number(Int?)
    /// `true`, `false` or `null`.
    case literal
}

/// A text is not JSON, or is nested deeper than is read.
struct JSONError: Error {}

/// Reads a JSON text (RFC 8259) byte by byte, and holds nothing of it but one short string and where it is.
struct JSONScanner {
    /// The most bytes of a string that are told.
    private static let maximumTextCount = 128
    /// The deepest nesting that is read; a list of modules has three levels.
    private static let maximumDepth = 32

    private enum Container {
        case object
        case array
    }

    /// What may come next.
    private enum Expectation {
        case value
        case valueOrEnd
        case name
        case nameOrEnd
        case colon
        case commaOrEnd
        case nothing
    }

    private enum Token {
        case string(isName: Bool)
        case escape(isName: Bool)
        /// Hexadecimal digits of an escape: how many are missing, and their value so far.
        case code(isName: Bool, missing: Int, UInt32)
        case number(JSONNumber)
        case literal([UInt8])
    }

    private var containers: [Container] = []
    private var expected = Expectation.value
    private var token: Token?
    private var text: [UInt8] = []
    private var isLong = false

    /// Whether there was all of a text.
    var isAtEnd: Bool {
        if case .nothing = expected, token == nil { true } else { false }
    }

    /// Reads one byte more.
    ///
    /// - Parameters:
    ///   - byte: The byte.
    ///   - tell: Is told what has come by it.
    /// - Throws: ``JSONError``.
    mutating func read(_ byte: UInt8, _ tell: (JSONEvent) throws(JSONError) -> Void) throws(JSONError) {
        switch token {
        case nil:
            try begin(byte, tell)
        case .string(let isName):
            switch byte {
            case UInt8(ascii: "\""):
                token = nil
                let content = isLong ? nil : text
                text = []
                expected = isName ? .colon : afterValue
                try tell(isName ? .name(content) : .string(content))
            case UInt8(ascii: "\\"): token = .escape(isName: isName)
            case 0..<0x20: throw JSONError()
            default: append(byte)
            }
        case .escape(let isName):
            token = byte == UInt8(ascii: "u") ? .code(isName: isName, missing: 4, 0) : .string(isName: isName)
            if byte != UInt8(ascii: "u") { append(try Self.meaning(of: byte)) }
        case .code(let isName, let missing, let value):
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw JSONError() }
            let code = value << 4 | UInt32(digit)
            token = missing == 1 ? .string(isName: isName) : .code(isName: isName, missing: missing - 1, code)
            // Halves of pairs are in nothing that is looked for.
            if missing == 1 { String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8.forEach { append($0) } }
        case .number(var number):
            if number.read(byte) { return token = .number(number) }
            guard number.isWhole else { throw JSONError() }
            token = nil
            expected = afterValue
            try tell(.number(number.integer))
            try begin(byte, tell)
        case .literal(let rest):
            guard byte == rest.first else { throw JSONError() }
            token = rest.count > 1 ? .literal(Array(rest.dropFirst())) : nil
            if rest.count == 1 {
                expected = afterValue
                try tell(.literal)
            }
        }
    }

    private mutating func begin(
        _ byte: UInt8,
        _ tell: (JSONEvent) throws(JSONError) -> Void
    ) throws(JSONError) {
        switch (byte, expected) {
        case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _): break
        case (UInt8(ascii: "{"), .value), (UInt8(ascii: "{"), .valueOrEnd):
            try enter(.object)
            try tell(.beginObject)
        case (UInt8(ascii: "["), .value), (UInt8(ascii: "["), .valueOrEnd):
            try enter(.array)
            try tell(.beginArray)
        case (UInt8(ascii: "}"), .nameOrEnd) where containers.last == .object,
            (UInt8(ascii: "}"), .commaOrEnd) where containers.last == .object,
            (UInt8(ascii: "]"), .valueOrEnd) where containers.last == .array,
            (UInt8(ascii: "]"), .commaOrEnd) where containers.last == .array:
            containers.removeLast()
            expected = afterValue
            try tell(.end)
        case (UInt8(ascii: ","), .commaOrEnd): expected = containers.last == .object ? .name : .value
        case (UInt8(ascii: ":"), .colon): expected = .value
        case (UInt8(ascii: "\""), .name), (UInt8(ascii: "\""), .nameOrEnd): beginText(isName: true)
        case (UInt8(ascii: "\""), .value), (UInt8(ascii: "\""), .valueOrEnd): beginText(isName: false)
        case (_, .value), (_, .valueOrEnd): token = try Self.scalar(byte)
        default: throw JSONError()
        }
    }

    private mutating func enter(_ container: Container) throws(JSONError) {
        guard containers.count < Self.maximumDepth else { throw JSONError() }
        containers.append(container)
        expected = container == .object ? .nameOrEnd : .valueOrEnd
    }

    private var afterValue: Expectation { containers.isEmpty ? .nothing : .commaOrEnd }

    private mutating func beginText(isName: Bool) {
        token = .string(isName: isName)
        isLong = false
    }

    private mutating func append(_ byte: UInt8) {
        if text.count < Self.maximumTextCount { text.append(byte) } else { isLong = true }
    }

    private static func scalar(_ byte: UInt8) throws(JSONError) -> Token {
        switch byte {
        case UInt8(ascii: "t"): return .literal(Array("rue".utf8))
        case UInt8(ascii: "f"): return .literal(Array("alse".utf8))
        case UInt8(ascii: "n"): return .literal(Array("ull".utf8))
        default:
            var number = JSONNumber()
            guard number.read(byte) else { throw JSONError() }
            return .number(number)
        }
    }

    /// What a byte after a backslash stands for.
    private static func meaning(of byte: UInt8) throws(JSONError) -> UInt8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return byte
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        default: throw JSONError()
        }
    }
}
