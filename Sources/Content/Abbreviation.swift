// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a name is short for: letters or words of it are left out (`cert` of `certificate`, `tls-ca` of `tls-client-ca`).
enum Abbreviation {
    /// How much was left out.
    private struct Cost: Comparable {
        /// How many words are missing, or written otherwise than in full.
        var changes = 0
        var letters = 0

        static func + (one: Cost, other: Cost) -> Cost {
            Cost(changes: one.changes + other.changes, letters: one.letters + other.letters)
        }

        static func < (one: Cost, other: Cost) -> Bool { (one.changes, one.letters) < (other.changes, other.letters) }
    }

    private static let mostWords = 8
    private static let fewestLetters = 3

    /// The names that a word most likely abbreviates: the nearest first, otherwise in their order.
    static func expansions(of word: String, among names: [String]) -> [String] {
        let given = words(of: word)
        guard !given.isEmpty, given.count <= mostWords else { return [] }
        let found = names.enumerated().compactMap { offset, name in
            cost(of: given, for: words(of: name)).map { (name: name, cost: $0, offset: offset) }
        }
        let fewest = found.map(\.cost.changes).min()
        return found.filter { $0.cost.changes == fewest }
            .sorted { ($0.cost, $0.offset) < ($1.cost, $1.offset) }
            .map(\.name)
    }

    private static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    private static func cost(of given: [String], for name: [String]) -> Cost? {
        let (all, whole) = (given.joined(), name.joined())
        if all == whole { return Cost() }
        // More than half of the words have to be found.
        let cost = cost(of: given[...], for: name[...], mayMiss: (given.count - 1) / 2)
        guard given.count == 1, name.count > 1, whole.hasPrefix(all) else { return cost }
        return min(cost ?? Cost(changes: .max), Cost(changes: 1, letters: whole.count - all.count))
    }

    private static func cost(
        of given: ArraySlice<String>,
        for name: ArraySlice<String>,
        mayMiss most: Int
    ) -> Cost? {
        guard let word = given.first else { return Cost(changes: name.count) }
        guard let whole = name.first else { return given.count <= most ? Cost(changes: 2 * given.count) : nil }
        var costs: [Cost?] = [
            cost(of: given, for: name.dropFirst(), mayMiss: most).map { $0 + Cost(changes: 1) }
        ]
        if let match = cost(of: word, for: whole) {
            costs.append(cost(of: given.dropFirst(), for: name.dropFirst(), mayMiss: most).map { $0 + match })
        }
        if most > 0 {
            costs.append(cost(of: given.dropFirst(), for: name, mayMiss: most - 1).map { $0 + Cost(changes: 2) })
        }
        return costs.compactMap(\.self).min()
    }

    private static func cost(of word: String, for whole: String) -> Cost? {
        if word == whole { return Cost() }
        let letters = abs(whole.count - word.count)
        if whole.hasPrefix(word) || word.hasPrefix(whole) { return Cost(changes: 1, letters: letters) }
        guard word.count >= fewestLetters, word.first == whole.first else { return nil }
        var rest = whole[...]
        for letter in word {
            guard let place = rest.firstIndex(of: letter) else { return nil }
            rest = rest[place...].dropFirst()
        }
        return Cost(changes: 2, letters: letters)
    }
}
