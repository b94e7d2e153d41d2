// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// A piece of HTML.
///
/// Only literals of the program are markup: whatever is interpolated as a text is escaped, so nothing that a client, a file or a peer has
/// said can be more than text, in an element or in a quoted attribute.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    /// Collects literals as they are, and texts escaped.
    struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var markup: String

        init(literalCapacity: Int, interpolationCount: Int) {
            markup = ""
            markup.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }

        mutating func appendInterpolation(_ text: String) { HTML.escape(text, into: &markup) }

        mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }

        mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

        mutating func appendInterpolation(_ piece: HTML?) { markup += piece?.markup ?? "" }

        mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { markup += piece.markup } }
    }

    /// What a browser reads.
    private(set) var markup: String

    init(stringLiteral literal: StaticString) { markup = literal.description }

    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    /// A resource of the program, which is markup itself.
    init(resource: String) { markup = resource }

    /// Pieces, one after another, with something between them.
    init(_ pieces: [HTML], separator: HTML = "") {
        markup = pieces.map(\.markup).joined(separator: separator.markup)
    }

    /// Escapes what HTML would take for markup, and spells out what would be obeyed rather than seen, or is no text of HTML at all.
    private static func escape(_ text: String, into markup: inout String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            case "\"": markup += "&quot;"
            case "'": markup += "&#39;"
            case "\n": markup += "\n"
            case _ where scalar.steersDisplay || scalar.isNoncharacter:
                markup += "\\u{\(String(scalar.value, radix: 16))}"
            default: markup.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    /// Whether it is none of the characters that texts are exchanged in (Unicode §23.7), as U+FFFE is.
    fileprivate var isNoncharacter: Bool { (0xfdd0...0xfdef).contains(value) || value & 0xfffe == 0xfffe }
}
