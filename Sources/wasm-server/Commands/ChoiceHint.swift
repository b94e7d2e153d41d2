// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What may have been meant by a word that is none of the choices, some of which are versions: `istio-1.31`.
///
/// Who names a version means that one: another is never suggested in its place, but the versions that are known are told.
struct ChoiceHint {
    private let word: String
    private let choices: [String]

    /// A hint for a word; of versions of one thing the newest comes first among the choices.
    init(for word: String, among choices: [String]) {
        (self.word, self.choices) = (word, choices)
    }

    /// The hint, in words that follow a semicolon; nil if there is none.
    var words: String? {
        let meant = choices.filter { digits(of: word).hasPrefix(digits(of: $0)) }
        if let near = EditDistance.near(word, among: meant, most: 1).first { return "did you mean \(near)?" }
        let names = [word, String(word.prefix(upTo: word.lastIndex(of: "-") ?? word.endIndex))]
        for name in names {
            let versions = choices.filter { isVersion($0, of: name) }
            guard let newest = versions.first, let oldest = versions.last else { continue }
            return newest == oldest ? "only \(newest) is known" : "\(oldest) to \(newest) are known"
        }
        return nil
    }

    /// The digits of a version, whatever stands between them: 131.
    private func digits(of text: String) -> String { text.filter(\.isNumber) }

    private func isVersion(_ choice: String, of name: String) -> Bool {
        choice.hasPrefix("\(name)-") && choice.dropFirst(name.count + 1).first?.isNumber == true
    }
}
