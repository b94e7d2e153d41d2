// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

/// Durations, counted by how long they were, in seconds.
final class HistogramSeries: Series, TimerHandler {
    /// The upper bounds of the buckets, in nanoseconds.
    ///
    /// A small answer takes less than a millisecond, a module milliseconds to seconds. The last ones are when clients give
    /// up: Istio's agent after 5 or 15 seconds, Envoy and Envoy Gateway after 10, Istio's configuration after 30.
    private static let bounds: [Int64] = [
        1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000,
    ]
    private static let nanosecondsPerSecond = 1e9

    /// A count of its own; atomics cannot stand in an array.
    private final class Bucket: Sendable {
        let count = Atomic<Int64>(0)
    }

    static let kind = MetricFamily.Kind.histogram
    let identity: SeriesIdentity
    /// One for each bound, and one for what is longer.
    private let buckets = (0...bounds.count).map { _ in Bucket() }
    private let sum = Atomic<Int64>(0)

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func recordNanoseconds(_ duration: Int64) {
        let index = Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count
        buckets[index].count.wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(duration, ordering: .relaxed)
    }

    /// Each bucket counts what those before it do, and the last one everything, so that it is the count.
    var samples: [MetricFamily.Sample] {
        let names = Self.bounds.map { Exposition.number(Double($0) / Self.nanosecondsPerSecond) } + ["+Inf"]
        var count = 0.0
        var samples = zip(names, buckets).map { name, bucket in
            count += Double(bucket.count.load(ordering: .relaxed))
            return MetricFamily.Sample(suffix: "_bucket", labels: identity.labels.bucket(upTo: name), value: count)
        }
        let total = Double(sum.load(ordering: .relaxed)) / Self.nanosecondsPerSecond
        samples.append(MetricFamily.Sample(suffix: "_sum", labels: identity.labels, value: total))
        samples.append(MetricFamily.Sample(suffix: "_count", labels: identity.labels, value: count))
        return samples
    }
}
