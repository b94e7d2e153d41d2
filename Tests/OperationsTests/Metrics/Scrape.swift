// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Operations
import Testing

/// What Prometheus would read.
struct Scrape {
    let text: String

    init(_ registry: PrometheusRegistry) {
        text = String(decoding: registry.exposition(), as: UTF8.self)
    }

    var lines: [Substring] { text.split(separator: "\n") }

    /// The lines of a family, without those that describe it.
    func samples(of name: String) -> [Substring] {
        lines.filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
    }

    /// The value on the line of a series; nil if there is none.
    subscript(series: String) -> Double? {
        lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }
}
