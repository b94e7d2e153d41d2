// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Finds what a person may have meant.
package enum EditDistance {
    /// The candidates that a word may be short for; or else those that it may be a slip of; the nearest first.
    package static func near(_ word: String, among candidates: [String], most: Int = 3) -> [String] {
        let expansions = Abbreviation.expansions(of: word, among: candidates)
        return expansions.isEmpty ? slips(near: word, among: candidates, most: most) : Array(expansions.prefix(most))
    }

    /// The candidates that a word may be a slip of, which differ by at most a third of their length, or contain it; the nearest first.
    private static func slips(near word: String, among candidates: [String], most: Int) -> [String] {
        let distances = candidates.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        return distances.filter { candidate, distance in
            3 * distance <= max(word.count, candidate.count)
                || (word.count >= 3 && candidate.lowercased().contains(word.lowercased()))
        }
        .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        .prefix(most).map(\.0)
    }

    /// The candidates that a name of several words may be a slip of: they begin with the same words, and what follows differs by at most
    /// a third of its length; the nearest first.
    ///
    /// Functions of one library have most of their names in common, so of them that says nothing.
    package static func slips(of name: String, among candidates: [String], most: Int = 3) -> [String] {
        let words = words(of: name)
        let distances = candidates.compactMap { candidate -> (String, Int)? in
            let others = Self.words(of: candidate)
            let common = zip(words, others).prefix { $0 == $1 }.count
            let (rest, other) = (words.dropFirst(common).joined(), others.dropFirst(common).joined())
            let distance = distance(rest.lowercased(), other.lowercased())
            return 3 * distance <= max(rest.count, other.count) ? (candidate, distance) : nil
        }
        return distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(most).map(\.0)
    }

    private static func words(of name: String) -> [Substring] { name.split { !$0.isLetter && !$0.isNumber } }

    /// How many characters have to be put in, taken out or replaced, or to change places with their neighbour (the optimal string
    /// alignment of Damerau and Levenshtein).
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.unicodeScalars), Array(other.unicodeScalars))
        var rows: [[Int]] = [Array(0...other.count)]
        for (line, character) in one.enumerated() {
            var row = [line + 1]
            for (column, candidate) in other.enumerated() {
                let replaced = rows[line][column] + (character == candidate ? 0 : 1)
                var nearest = min(replaced, row[column] + 1, rows[line][column + 1] + 1)
                if line > 0, column > 0, character == other[column - 1], one[line - 1] == candidate {
                    nearest = min(nearest, rows[line - 1][column - 1] + 1)
                }
                row.append(nearest)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
