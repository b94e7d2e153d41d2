// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The labels of a series, rendered once as the text format spells them.
struct LabelSet: Hashable, Comparable, Sendable {
    /// What stands between the braces: `listener="data",module="/plugin.wasm"`, ordered by name.
    let text: String

    /// Labels from names and values.
    ///
    /// A name that cannot be exposed, or that is duplicated, makes no labels. `le` belongs to histograms.
    init?(_ labels: [(String, String)]) {
        let sorted = labels.sorted { $0.0 < $1.0 }
        let areDistinct = zip(sorted, sorted.dropFirst()).allSatisfy { $0.0 != $1.0 }
        guard areDistinct, sorted.allSatisfy({ Self.isName($0.0) && $0.0 != Self.bound }) else { return nil }
        text = sorted.map { "\($0.0)=\"\(Exposition.escaped($0.1, quotes: true))\"" }.joined(separator: ",")
    }

    private init(text: String) {
        self.text = text
    }

    /// No labels.
    static let none = LabelSet(text: "")

    /// The labels of a histogram's bucket.
    func bucket(upTo bound: String) -> LabelSet {
        LabelSet(text: "\(text)\(text.isEmpty ? "" : ",")\(Self.bound)=\"\(bound)\"")
    }

    /// Orders by text.
    static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }

    private static let bound = "le"

    /// Whether it is `[a-zA-Z_][a-zA-Z0-9_]*` and not reserved, as two underscores at the beginning are.
    private static func isName(_ name: String) -> Bool {
        !name.hasPrefix("__") && !name.contains(":") && MetricFamily.isName(name)
    }
}
