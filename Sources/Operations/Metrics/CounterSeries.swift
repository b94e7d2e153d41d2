// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

/// A number that only grows.
final class CounterSeries: Series, CounterHandler {
    static let kind = MetricFamily.Kind.counter
    let identity: SeriesIdentity
    private let value = Atomic<Int64>(0)

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func increment(by amount: Int64) {
        // A counter that falls would read as a restart.
        value.wrappingAdd(max(0, amount), ordering: .relaxed)
    }

    func reset() {
        value.store(0, ordering: .relaxed)
    }

    var samples: [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: identity.labels, value: Double(value.load(ordering: .relaxed)))]
    }
}
