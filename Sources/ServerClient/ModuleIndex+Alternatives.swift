// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

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
        guard !near.isEmpty else { return "it serves \(Self.names(of: current))" }
        return "the nearest \(near.count == 1 ? "is" : "are") \(near.joined(separator: ", ").printable)"
    }

    /// The paths of modules, as a message names them.
    package static func names(of modules: [Entry]) -> String {
        let paths = modules.compactMap(\.path)
        return paths.prefix(mostNamed).joined(separator: ", ").printable
            + (paths.count > mostNamed ? " and \(paths.count - mostNamed) more" : "")
    }
}
