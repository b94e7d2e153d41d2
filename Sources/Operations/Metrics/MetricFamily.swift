// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What is exposed under one name, at one moment.
struct MetricFamily: Sendable {
    /// How Prometheus treats its values.
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    /// One line.
    struct Sample: Sendable {
        /// What follows the family's name: `_bucket`, `_sum` and `_count` of a histogram.
        var suffix = ""
        var labels = LabelSet.none
        let value: Double
        /// One request among those that it counts, by which more can be found; only OpenMetrics has a place for it.
        var exemplar: Exemplar?
    }

    let name: String
    let kind: Kind
    /// What it means; nil where nobody has said.
    let help: String?
    let samples: [Sample]

    /// Whether it is `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { $0.isAlphanumeric || "_:".utf8.contains($0) }
        return isPlain && name.utf8.first?.isDigit == false
    }
}
