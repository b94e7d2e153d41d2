// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ServerInterface

/// Finds what a person may have meant.
package enum EditDistance {
    /// The candidates that a word may be short for; or else those that it may be a slip of, which differ by at most a third of
    /// their length, or contain it; the nearest first.
    package static func near(_ word: String, among candidates: [String], most: Int = 3) -> [String] {
        let expansions = Abbreviation.expansions(of: word, among: candidates)
        guard expansions.isEmpty else { return Array(expansions.prefix(most)) }
        let distances = candidates.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        return distances.filter { candidate, distance in
            3 * distance <= max(word.count, candidate.count)
                || (word.count >= 3 && candidate.lowercased().contains(word.lowercased()))
        }
        .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        .prefix(most).map(\.0)
    }

    /// How many characters have to be put in, taken out or replaced, or to change places with their neighbour (the optimal string
    /// alignment of Damerau and Levenshtein).
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
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

extension ModuleIndex {
    /// The most modules that a message names.
    private static let mostNamed = 20
    /// What is longer is not compared with what a person wrote, in characters.
    private static let longestCompared = 64

    /// What there is instead of a module that is not there, in words that follow a semicolon.
    ///
    /// - Parameters:
    ///   - word: How a person called it.
    ///   - words: What a module may be called.
    /// - Returns: The nearest words, or else the paths of what there is.
    package func alternatives(to word: String, _ words: (Entry) -> [String]) -> String {
        guard !current.isEmpty else { return "it serves none; check its log" }
        let candidates = Set(current.flatMap(words)).filter { $0.count < Self.longestCompared }
        let near = EditDistance.near(word, among: candidates.sorted())
        return near.isEmpty
            ? "it serves \(Self.names(of: current))" : "the nearest are \(near.joined(separator: ", ").printable)"
    }

    /// The paths of modules, as a message names them.
    package static func names(of modules: [Entry]) -> String {
        let paths = modules.compactMap(\.path)
        return paths.prefix(mostNamed).joined(separator: ", ").printable
            + (paths.count > mostNamed ? " and \(paths.count - mostNamed) more" : "")
    }
}
