// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import Logging

/// A log line that is being written, in bytes: one field after another.
///
/// Each module that is sent has a line, written on its connection's thread: so nothing is put together first, or sorted.
struct LogLine {
    /// The line up to now.
    private(set) var bytes: [UInt8] = []

    private let format: LogFormat

    /// What most lines take, in bytes.
    private static let usualLength = 512
    /// The longest level that is common: `warning`.
    private static let levelWidth = 7

    /// A line that has its first fields; `time` is in milliseconds since 1970.
    init(_ format: LogFormat, _ level: Logger.Level, _ message: String, at time: Int64) {
        self.format = format
        bytes.reserveCapacity(Self.usualLength)
        switch format {
        case .json:
            put("{\"time\":\"")
            put(time, withDate: true)
            put("Z\",\"level\":\"")
            put(level.rawValue)
            put("\",\"message\":")
            putJSON(message)
        case .text:
            put(time, withDate: false)
            put(" ")
            put(level.rawValue)
            for _ in level.rawValue.utf8.count..<max(level.rawValue.utf8.count, Self.levelWidth) { put(" ") }
            put(" ")
            put(message.singleLine)
        }
    }

    /// Ends the line.
    mutating func end() {
        put(format == .json ? "}\n" : "\n")
    }

    // MARK: Fields

    /// Adds a text; in the format `text` it is quoted if it could be misread.
    mutating func add(_ key: StaticString, _ text: String) {
        begin(key)
        put(value: text)
    }

    /// Adds a number.
    mutating func add(_ key: StaticString, _ number: Int) {
        begin(key)
        put("\(number)")
    }

    /// Adds a truth value.
    mutating func add(_ key: StaticString, _ truth: Bool) {
        begin(key)
        put(truth ? "true" : "false")
    }

    /// Adds a duration, in seconds, to the microsecond.
    mutating func add(_ key: StaticString, _ duration: Duration) {
        begin(key)
        put(value: duration)
    }

    /// Adds a value: numbers and truth values as such, a duration as its seconds, everything else as a text.
    ///
    /// In the format `text` each member of a dictionary has a key of its own.
    mutating func add(_ key: String, metadata value: Logger.MetadataValue) {
        switch (format, value) {
        case (.json, _):
            begin(key)
            putJSON(value)
        case (.text, .dictionary(let members)):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) { add("\(key).\(name)", metadata: member) }
        case (.text, .stringConvertible(let duration as Duration)):
            begin(key)
            put(value: duration)
        case (.text, .array(let values)):
            begin(key)
            put(value: values.map { "\($0)" }.joined(separator: ","))
        case (.text, .string), (.text, .stringConvertible):
            begin(key)
            put(value: "\(value)")
        }
    }

    /// Begins a field whose key is plain.
    private mutating func begin(_ key: StaticString) {
        put(format == .json ? ",\"" : " ")
        key.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        put(format == .json ? "\":" : "=")
    }

    private mutating func begin(_ key: String) {
        switch format {
        case .json:
            put(",")
            putJSON(key)
            put(":")
        case .text:
            put(" ")
            put(key.singleLine)
            put("=")
        }
    }

    // MARK: Values

    private mutating func put(value text: String) {
        switch format {
        case .json: putJSON(text)
        case .text: put(text.isPlain ? text : JSONText.quoted(text))
        }
    }

    private mutating func put(value duration: Duration) {
        put(duration)
        if format == .text { put("s") }
    }

    private mutating func put(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func putJSON(_ text: String) {
        guard text.needsNoEscape else { return put(JSONText.quoted(text)) }
        put("\"")
        put(text)
        put("\"")
    }

    private mutating func putJSON(_ value: Logger.MetadataValue) {
        switch value {
        case .stringConvertible(let number as Int): put("\(number)")
        case .stringConvertible(let truth as Bool): put("\(truth)")
        case .stringConvertible(let duration as Duration): put(duration)
        case .stringConvertible(let number as Double) where number.isFinite: put("\(number)")
        case .stringConvertible(let number as any BinaryInteger): put("\(number)")
        case .array(let values):
            put("[")
            for (index, value) in values.enumerated() {
                if index > 0 { put(",") }
                putJSON(value)
            }
            put("]")
        case .dictionary(let members):
            put("{")
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { put(",") }
                putJSON(member.key)
                put(":")
                putJSON(member.value)
            }
            put("}")
        case .string, .stringConvertible: putJSON("\(value)")
        }
    }

    private mutating func put(_ duration: Duration) {
        let microseconds = Int64((duration / .microseconds(1)).rounded())
        let (seconds, fraction) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        if microseconds < 0 { put("-") }
        put("\(seconds)")
        guard fraction > 0 else { return }
        put(".")
        var (rest, place): (UInt64, UInt64) = (fraction, 100_000)
        while rest > 0 {
            putDigit(rest / place)
            (rest, place) = (rest % place, place / 10)
        }
    }

    /// Puts a time as RFC 3339 has it (`2026-11-24T02:31:37.500`), or without its date.
    private mutating func put(_ time: Int64, withDate hasDate: Bool) {
        let (day, millisecond) = time.quotientAndFloorRemainder(dividingBy: 86_400_000)
        if hasDate {
            let date = CivilDate(daysSince1970: day)
            put(date.year, digits: 4)
            put("-")
            put(date.month, digits: 2)
            put("-")
            put(date.day, digits: 2)
            put("T")
        }
        put(millisecond / 3_600_000, digits: 2)
        put(":")
        put(millisecond / 60_000 % 60, digits: 2)
        put(":")
        put(millisecond / 1000 % 60, digits: 2)
        put(".")
        put(millisecond % 1000, digits: 3)
    }

    private mutating func put(_ number: Int64, digits: Int) {
        var place: Int64 = 1
        for _ in 1..<digits { place *= 10 }
        while place > 0 {
            putDigit(UInt64(clamping: number / place % 10))
            place /= 10
        }
    }

    private mutating func putDigit(_ digit: UInt64) {
        bytes.append(UInt8(ascii: "0") + UInt8(digit))
    }
}

extension String {
    /// Whether JSON has it as it is, between quotes (RFC 8259 §7); most text is so.
    fileprivate var needsNoEscape: Bool {
        var text = self
        return text.withUTF8 { bytes in
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                guard byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                    return false
                }
            }
            return true
        }
    }

    /// Whether it can be told from what is around it without quotes.
    fileprivate var isPlain: Bool {
        !isEmpty && unicodeScalars.allSatisfy { !$0.steersDisplay && $0 != " " && $0 != "\"" }
    }

    /// The text with its control characters escaped, so that nothing can forge a line.
    fileprivate var singleLine: String {
        unicodeScalars.contains(where: \.steersDisplay) ? JSONText.quoted(self) : self
    }
}
