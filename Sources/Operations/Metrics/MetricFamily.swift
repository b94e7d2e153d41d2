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

/// Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats", "Text-based format").
package enum Exposition {
    /// The media type that names the format.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Families in the format, in the order given.
    static func text(_ families: [MetricFamily]) -> [UInt8] {
        var text: [UInt8] = []
        for family in families where !family.samples.isEmpty {
            if let help = family.help { text += "# HELP \(family.name) \(escaped(help))\n".utf8 }
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n".utf8
            for sample in family.samples {
                text += family.name.utf8
                text += sample.suffix.utf8
                if !sample.labels.text.isEmpty {
                    text += "{".utf8
                    text += sample.labels.text.utf8
                    text += "}".utf8
                }
                text += " ".utf8
                text += number(sample.value).utf8
                text += "\n".utf8
            }
        }
        return text
    }

    /// A value as Go's `ParseFloat` reads it; whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    /// Backslash and line feed are escaped, and in a label's value quotes too.
    static func escaped(_ text: String, quotes: Bool = false) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotes: escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
