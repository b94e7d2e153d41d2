// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

/// One set of labels of one family: it takes values from any thread, without a lock.
protocol Series: AnyObject, Sendable {
    /// What kind of family it belongs to.
    static var kind: MetricFamily.Kind { get }
    /// Which series it is.
    var identity: SeriesIdentity { get }
    /// A series that has seen nothing.
    init(_ identity: SeriesIdentity)
    /// Its lines in a format.
    func samples(in format: Exposition) -> [MetricFamily.Sample]
}

/// Which series it is.
struct SeriesIdentity: Hashable, Sendable {
    /// The family's name.
    let name: String
    /// What tells it from others of the family.
    let labels: LabelSet
}

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

    func samples(in format: Exposition) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: identity.labels, value: Double(value.load(ordering: .relaxed)))]
    }
}

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

    func samples(in format: Exposition) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: identity.labels, value: Double(bitPattern: bits.load(ordering: .relaxed)))]
    }
}

/// Durations, counted by how long they were, in seconds.
final class HistogramSeries: Series, TimerHandler {
    private static let nanosecondsPerSecond = 1e9

    static let kind = MetricFamily.Kind.histogram
    let identity: SeriesIdentity
    private let tally = Mutex(DurationTally())

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func recordNanoseconds(_ duration: Int64) {
        tally.withLock { $0.add(nanoseconds: Double(duration)) }
    }

    /// Records many at once.
    func add(_ durations: DurationTally) {
        tally.withLock { $0.add(durations) }
    }

    /// Each bucket counts what those before it do, and the last one everything, so that it is the count.
    func samples(in format: Exposition) -> [MetricFamily.Sample] {
        let tally = tally.withLock { $0 }
        let bounds = DurationTally.bounds.map { format.bound($0 / Self.nanosecondsPerSecond) } + ["+Inf"]
        var count: Int64 = 0
        var samples = zip(bounds, tally.counts).enumerated().map { index, bucket in
            count += bucket.1
            return MetricFamily.Sample(
                suffix: "_bucket",
                labels: identity.labels.bucket(upTo: bucket.0),
                value: Double(count),
                exemplar: tally.exemplars[index]
            )
        }
        let total = tally.sum / Self.nanosecondsPerSecond
        samples.append(MetricFamily.Sample(suffix: "_sum", labels: identity.labels, value: total))
        samples.append(MetricFamily.Sample(suffix: "_count", labels: identity.labels, value: Double(count)))
        return samples
    }
}
