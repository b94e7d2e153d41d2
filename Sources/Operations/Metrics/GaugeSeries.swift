// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

/// A number that goes up and down.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.gauge
    let identity: SeriesIdentity
    private let bits = Atomic<UInt64>(0)

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func decrement(by amount: Double) { increment(by: -amount) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (isExchanged, present) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if isExchanged { return }
            old = present
        }
    }

    var samples: [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: identity.labels, value: Double(bitPattern: bits.load(ordering: .relaxed)))]
    }
}
