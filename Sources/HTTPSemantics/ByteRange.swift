// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a `Range` field asks of a representation (RFC 9110 §14.1.2, §14.2).
package enum ByteRange: Hashable, Sendable {
    /// The field is to be ignored: another unit, a malformed value, or several ranges, which get the whole.
    case ignored
    /// One range that lies within the representation, cut to its end.
    case satisfiable(Range<Int>)
    /// A well-formed range of which no byte exists.
    case unsatisfiable

    /// Resolves a field's value against a representation.
    ///
    /// - Parameters:
    ///   - value: The value of `Range`.
    ///   - length: The representation's length, in bytes.
    package init(parsing value: String, length: Int) {
        guard let equals = value.firstIndex(of: "="), value[..<equals].lowercased() == "bytes" else {
            self = .ignored
            return
        }
        let set = value[value.index(after: equals)...].split(separator: ",").map { $0.trimmingWhiteSpace() }
        let ranges = set.filter { !$0.isEmpty }
        guard ranges.count == 1, let range = ranges.first, let dash = range.firstIndex(of: "-") else {
            self = .ignored
            return
        }
        self.init(first: range[..<dash], last: range[range.index(after: dash)...], length: length)
    }

    private init(first: Substring, last: Substring, length: Int) {
        switch (Position(first), Position(last)) {
        case (.absent, .number(let suffix)):
            self = suffix == 0 || length == 0 ? .unsatisfiable : .satisfiable(max(0, length - suffix)..<length)
        case (.number(let first), .absent):
            self = first < length ? .satisfiable(first..<length) : .unsatisfiable
        case (.number(let first), .number(let last)) where first <= last:
            self = first < length ? .satisfiable(first..<min(last, length - 1) + 1) : .unsatisfiable
        default:
            self = .ignored
        }
    }

    /// One end of a range: nothing, digits, or something else.
    private enum Position {
        case absent
        case number(Int)
        case malformed

        init(_ text: Substring) {
            if text.isEmpty {
                self = .absent
            } else if text.utf8.allSatisfy({ (48...57).contains($0) }) {
                // A number too large for an integer is larger than any representation.
                self = .number(Int(text) ?? Int.max)
            } else {
                self = .malformed
            }
        }
    }
}
