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
