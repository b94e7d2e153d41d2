// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension PrometheusRegistry {
    /// Exposes what became of spans.
    ///
    /// - Parameters:
    ///   - outcomes: What may become of one.
    ///   - count: How many came to an outcome, read when that is asked for.
    package func collectSpans(outcomes: [String], _ count: @escaping @Sendable (_ outcome: String) -> Int) {
        let labels = outcomes.compactMap { outcome in LabelSet([("outcome", outcome)]).map { (outcome, $0) } }
        collect {
            let samples = labels.map { MetricFamily.Sample(labels: $1, value: Double(count($0))) }
            return [MetricName.spans.family(.counter, samples)]
        }
    }
}
