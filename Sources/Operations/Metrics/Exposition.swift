// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// How metrics are written for whoever collects them.
package enum Exposition: CaseIterable, Sendable {
    /// Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats", "Text-based format").
    case text
    /// OpenMetrics 1.0 (prometheus/OpenMetrics, `specification/OpenMetrics.md`), which has exemplars.
    case openMetrics

    /// The media type that names the format.
    package var mediaType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    private static let counterSuffix = "_total"

    /// Families in the format, in the order given.
    func bytes(of families: [MetricFamily]) -> [UInt8] {
        var text: [UInt8] = []
        for family in families where !family.samples.isEmpty {
            // To OpenMetrics the suffix is the sample's.
            let isBare = self == .openMetrics && family.kind == .counter && family.name.hasSuffix(Self.counterSuffix)
            let name = isBare ? String(family.name.dropLast(Self.counterSuffix.count)) : family.name
            if let help = family.help {
                text += "# HELP \(name) \(Self.escaped(help, quotes: self == .openMetrics))\n".utf8
            }
            text += "# TYPE \(name) \(family.kind.rawValue)\n".utf8
            for sample in family.samples {
                text += family.name.utf8
                text += sample.suffix.utf8
                if !sample.labels.text.isEmpty {
                    text += "{".utf8
                    text += sample.labels.text.utf8
                    text += "}".utf8
                }
                text += " ".utf8
                text += Self.number(sample.value).utf8
                if self == .openMetrics, let exemplar = sample.exemplar { text += exemplar.text.utf8 }
                text += "\n".utf8
            }
        }
        if self == .openMetrics { text += "# EOF\n".utf8 }
        return text
    }

    /// The upper bound of a histogram's bucket, as the label `le` has it: to OpenMetrics always with a point.
    func bound(_ value: Double) -> String { self == .openMetrics ? "\(value)" : Self.number(value) }

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
