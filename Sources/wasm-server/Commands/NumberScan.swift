// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Goes through a text that may be a number, without ever going back.
struct NumberScan {
    static let digits = "0123456789"
    static let binary = "01"
    static let octal = "01234567"
    static let hexadecimal = "0123456789abcdefABCDEF"

    /// What has not been gone through.
    private(set) var rest: Substring

    init(_ text: String) {
        rest = text[...]
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a sign; empty if there is none.
    mutating func sign() -> Substring {
        let first = rest.utf8.prefix(1)
        guard first.elementsEqual("-".utf8) || first.elementsEqual("+".utf8) else { return "" }
        rest = rest[first.endIndex...]
        return Substring(first)
    }

    /// Takes one character of ASCII if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let next = rest.unicodeScalars.first, next == character else { return false }
        rest.unicodeScalars.removeFirst()
        return true
    }

    /// Takes what consists of some characters of ASCII.
    @discardableResult
    mutating func run(_ characters: String) -> Substring {
        let run = rest.utf8.prefix { characters.utf8.contains($0) }
        rest = rest[run.endIndex...]
        return Substring(run)
    }
}
