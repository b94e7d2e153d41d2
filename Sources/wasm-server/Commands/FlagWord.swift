// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A word that is a flag, or was meant as one: it begins with a dash.
struct FlagWord {
    /// Dashes that editors and web pages put in place of hyphens.
    private static let strangeDashes: Set<Unicode.Scalar> = [
        "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}", "\u{2212}", "\u{fe58}", "\u{fe63}",
        "\u{ff0d}",
    ]

    /// The whole word.
    let text: String
    /// What follows the dashes, up to an equals sign.
    let name: String
    /// What follows the equals sign; nil if there is none.
    let value: String?
    /// Whether it begins with exactly two hyphens.
    let isWellFormed: Bool

    /// The word, if it begins with a dash and is more than that.
    init?(_ text: String) {
        let scalars = text.unicodeScalars
        let dashes = scalars.prefix { $0 == "-" || Self.strangeDashes.contains($0) }
        guard !dashes.isEmpty, dashes.count < scalars.count else { return nil }
        let parts = scalars.dropFirst(dashes.count).split(
            separator: "=",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        self.text = text
        name = String(parts[0])
        value = parts.count > 1 ? String(parts[1]) : nil
        isWellFormed = dashes.elementsEqual(["-", "-"])
    }

    /// The value as it stands behind the flag.
    var assignment: String { value.map { "=\($0)" } ?? "" }

    /// What is wrong with its dashes, in words that follow it.
    var fault: String {
        let dashes = text.unicodeScalars.prefix { $0 == "-" || Self.strangeDashes.contains($0) }
        if let strange = dashes.first(where: { $0 != "-" }) {
            let digits = String(strange.value, radix: 16, uppercase: true)
            return "begins with another dash than the keyboard's (U+\(digits))"
        }
        return "begins with \(dashes.count == 1 ? "one dash" : "\(dashes.count) dashes"), and flags begin with two"
    }
}
