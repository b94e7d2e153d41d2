// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

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
    var samples: [MetricFamily.Sample] {
        let tally = tally.withLock { $0 }
        let bounds = DurationTally.bounds.map { Exposition.number($0 / Self.nanosecondsPerSecond) } + ["+Inf"]
        var count: Int64 = 0
        var samples = zip(bounds, tally.counts).map { bound, inBucket in
            count += inBucket
            return MetricFamily.Sample(
                suffix: "_bucket",
                labels: identity.labels.bucket(upTo: bound),
                value: Double(count)
            )
        }
        let total = tally.sum / Self.nanosecondsPerSecond
        samples.append(MetricFamily.Sample(suffix: "_sum", labels: identity.labels, value: total))
        samples.append(MetricFamily.Sample(suffix: "_count", labels: identity.labels, value: Double(count)))
        return samples
    }
}
