// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What tells whether bytes were taken for text.
struct TextTraces {
    /// How often U+FFFD is there, which stands for what could not be read; 0 in what is no UTF-8.
    private(set) var replacements = 0
    /// How many characters there are beyond ASCII that Latin-1 has; 0 in what is no UTF-8.
    private(set) var latin = 0
    /// How many other characters there are beyond ASCII; 0 in what is no UTF-8.
    private(set) var others = 0
    /// How many line feeds there are.
    private(set) var lines = 0
    /// Before how many of them there is a carriage return.
    private(set) var returns = 0

    /// How far bytes are looked at: what happens to one happens to all that are like it.
    private static let maximumLength = 1 << 20
    /// The longest that a character can be in UTF-8.
    private static let longestCharacter = 4

    /// The traces in bytes.
    init(in bytes: Span<UInt8>) {
        var excerpt: [UInt8] = []
        for index in 0..<min(bytes.count, Self.maximumLength) {
            excerpt.append(bytes[index])
            guard bytes[index] == UInt8(ascii: "\n") else { continue }
            lines += 1
            if index > 0, bytes[index - 1] == UInt8(ascii: "\r") { returns += 1 }
        }
        if excerpt.count < bytes.count {
            // The last character may be cut off.
            let tail = excerpt.reversed().prefix(Self.longestCharacter).prefix { $0 >= 0x80 }.count
            excerpt.removeLast(tail)
        }
        countCharacters(in: excerpt)
    }

    private mutating func countCharacters(in bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x80: break
            case 0xfffd: replacements += 1
            case 0x80...0xff: latin += 1
            default: others += 1
            }
        }
    }
}

/// The marks that copying a module as something else than bytes has left.
struct Damage: Hashable, Sendable {
    /// What became of it, in words that follow "but".
    let what: String
    /// What to do.
    let remedy: String

    static let carriageReturns = Damage(
        what: "a carriage return was put before each line feed in it",
        remedy: "have it copied as bytes: mark *.wasm binary in .gitattributes, or transfer it in binary mode"
    )
    static let replaced = Damage(
        what: "it was read as text, and what is no text in it was replaced",
        remedy: "read and write it as bytes; in a ConfigMap it belongs in binaryData, and Helm has b64enc for it"
    )
    static let recoded = Damage(
        what: "it was read as text and written in UTF-8",
        remedy: replaced.remedy
    )
    static let lineFeed = Damage(
        what: "a line feed was put behind its end",
        remedy: "have it copied as bytes, not by echo or a template that ends in a line"
    )
    static let zeros = Damage(
        what: "from some place on it is nothing but zero bytes",
        remedy: "its copy was cut off, or the disk had no room; copy it again"
    )

    /// What may be there by chance; padding with more zeros would be odd.
    private static let fewZeros = 16
    /// Fewer characters beyond ASCII can be there by chance.
    private static let fewCharacters = 4

    /// The marks in bytes that begin as a module does and stop being one at an offset; nil if nothing shows.
    static func recognized(in bytes: Span<UInt8>, after offset: Int) -> Damage? {
        let text = TextTraces(in: bytes)
        if text.replacements > 0 { return .replaced }
        if text.latin >= fewCharacters, text.others == 0 { return .recoded }
        if text.lines > 0, text.lines == text.returns { return .carriageReturns }
        if hasLineFeedBehind(bytes) { return .lineFeed }
        if bytes.count - offset > fewZeros, (offset..<bytes.count).allSatisfy({ bytes[$0] == 0 }) { return .zeros }
        return nil
    }

    private static func hasLineFeedBehind(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, bytes[bytes.count - 1] == UInt8(ascii: "\n") else { return false }
        return (try? SectionWalk.walk(over: bytes.extracting(droppingLast: 1))) != nil
    }
}
