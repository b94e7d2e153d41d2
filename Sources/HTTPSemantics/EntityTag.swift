// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// An entity tag, strong or weak (RFC 9110 §8.8.3).
package struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// What stands between the quotes.
    package let opaque: String
    /// Whether it only says that two representations are equivalent, not that they are the same bytes.
    package let isWeak: Bool

    /// A strong tag; `opaque` must be of visible ASCII without quotes.
    package init(strong opaque: String) {
        self.opaque = opaque
        isWeak = false
    }

    /// The tag that a text spells; nil if it is none.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text).utf8
        isWeak = text.hasPrefix("W/")
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.count >= 2, rest.first == UInt8(ascii: "\""), rest.last == UInt8(ascii: "\"") else { return nil }
        let content = rest.dropFirst().dropLast()
        guard content.allSatisfy(Self.isTagCharacter) else { return nil }
        opaque = String(decoding: content, as: UTF8.self)
    }

    /// The tag as it is sent.
    package var description: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// Strong comparison: both are strong and alike (RFC 9110 §8.8.3.2).
    package func matchesStrongly(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && isAlike(other)
    }

    /// Weak comparison: both are alike (RFC 9110 §8.8.3.2).
    package func matchesWeakly(_ other: EntityTag) -> Bool {
        isAlike(other)
    }

    /// Byte by byte: to Swift, texts that are canonically equivalent are equal.
    private func isAlike(_ other: EntityTag) -> Bool {
        opaque.utf8.elementsEqual(other.opaque.utf8)
    }

    /// `etagc`: visible ASCII but the quote, and any byte above ASCII.
    static func isTagCharacter(_ byte: UInt8) -> Bool {
        byte == 0x21 || (0x23...0x7e).contains(byte) || byte >= 0x80
    }
}

/// The value of `If-Match` and `If-None-Match`: `*`, or a list of tags (RFC 9110 §13.1.1, §13.1.2).
package enum EntityTagList: Hashable, Sendable {
    case any
    case tags([EntityTag])

    /// The list that a field's value spells.
    ///
    /// Commas may stand within a tag, so it is scanned, not split. Parts that are no tags match nothing and are left out.
    package init(parsing value: String) {
        guard value.trimmingWhiteSpace() != "*" else {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        var part: [UInt8] = []
        var isQuoted = false
        for byte in value.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: ","), !isQuoted {
                EntityTag(trimming: part).map { tags.append($0) }
                part = []
            } else {
                part.append(byte)
            }
        }
        EntityTag(trimming: part).map { tags.append($0) }
        self = .tags(tags)
    }

    /// Whether any tag of the list satisfies a comparison; `*` does, since there is a representation.
    package func contains(where matches: (EntityTag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains(where: matches)
        }
    }
}

extension EntityTag {
    fileprivate init?(trimming bytes: [UInt8]) {
        self.init(String(decoding: bytes, as: UTF8.self).trimmingWhiteSpace())
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at its ends (OWS, RFC 9110 §5.6.3).
    func trimmingWhiteSpace() -> SubSequence {
        let isWhiteSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isWhiteSpace($0) }), let last = lastIndex(where: { !isWhiteSpace($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
