// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How much the aliases of a YAML text may stand for, told without parsing it.
///
/// The parser compares the keys of a mapping, and goes through all that aliases within them stand for, which aliases of aliases
/// make any amount. As values they cost nothing until they are looked at.
struct AliasCount {
    /// How much the keys may stand for, in bytes: what is gone through in seconds.
    private static let most = 100_000_000.0
    /// More levels of aliases than this stand for more than that anyway.
    private static let mostLevels = 64

    private var bytes = 0
    private var aliases = 0
    private var anchors = 0
    private var hasStructuredKey = false

    /// Counts what may be an alias, an anchor, or a key that is no plain text; in a comment or a text it counts, too.
    init(of text: String) {
        var before: UInt8 = 0x0a
        // The last byte that was no space, and the first of the last word.
        var (last, word) = (before, before)
        for byte in text.utf8 {
            bytes += 1
            let isSpace = byte <= 0x20
            if isSpace {
                if before == UInt8(ascii: "?") { hasStructuredKey = true }
            } else {
                if byte == UInt8(ascii: "{") { hasStructuredKey = true }
                if byte == UInt8(ascii: ":"), last == UInt8(ascii: "]") || word == UInt8(ascii: "*") {
                    hasStructuredKey = true
                }
                if before == UInt8(ascii: "*") { aliases += 1 }
                if before == UInt8(ascii: "&") { anchors += 1 }
                if Self.endsWord(before) { word = byte }
                last = byte
            }
            before = byte
        }
    }

    /// Whether going through the keys may take longer than anyone waits.
    ///
    /// With n aliases, k values that stand for each other come to at most (n/k)^k times the text.
    var mayHang: Bool {
        guard hasStructuredKey, anchors > 0 else { return false }
        return (1...min(anchors, Self.mostLevels)).contains { levels in
            var size = Double(bytes)
            for _ in 0..<levels { size *= Double(aliases) / Double(levels) }
            return size > Self.most
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte >= 0x80 || "[]{},:?-".utf8.contains(byte)
    }
}
