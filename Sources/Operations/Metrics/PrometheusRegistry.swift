// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Metrics
internal import Synchronization

/// The metrics of this process, made by swift-metrics and read by Prometheus.
///
/// Making a series takes a lock; using it takes none. Two with one name and the same labels are one. A series whose name or
/// labels cannot be exposed, whose family is of another kind, or that is one too many, takes values and is not exposed;
/// `wasm_server_metric_series_dropped_total` counts those.
package final class PrometheusRegistry: Sendable {
    /// The most series that are kept: about 8 MB of text for a scrape.
    ///
    /// The most modules that one server holds, 4096, need eight each on both listeners.
    package static let maximumSeriesCount = 80_000

    private struct State {
        var series: [String: [LabelSet: any Series]] = [:]
        var count = 0
        var collectors: [@Sendable () -> [MetricFamily]] = []
        var preparations: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let dropped = CounterSeries(
        SeriesIdentity(name: MetricName.seriesDropped.rawValue, labels: .none)
    )

    /// A registry without series.
    package init() {}

    /// Everything in a format: the families in the order of their names, a family's series in that of their labels.
    package func exposition(as format: Exposition = .text) -> [UInt8] {
        for prepare in state.withLock({ $0.preparations }) { prepare() }
        let (series, collectors) = state.withLock { ($0.series, $0.collectors) }
        var families = series.map { name, members in
            Self.family(name, members.sorted { $0.key < $1.key }.map(\.value), format)
        }
        families.append(Self.family(dropped.identity.name, [dropped], format))
        families += collectors.flatMap { $0() }
        return format.bytes(of: families.sorted { $0.name < $1.name })
    }

    /// Calls something each time before the series are read.
    func beforeReading(_ prepare: @escaping @Sendable () -> Void) {
        state.withLock { $0.preparations.append(prepare) }
    }

    /// Adds families that are read when they are asked for.
    func collect(_ collector: @escaping @Sendable () -> [MetricFamily]) {
        state.withLock { $0.collectors.append(collector) }
    }

    private static func family(_ name: String, _ series: [any Series], _ format: Exposition) -> MetricFamily {
        MetricFamily(
            name: name,
            kind: series.first.map { type(of: $0).kind } ?? .gauge,
            help: MetricName(rawValue: name)?.help,
            samples: series.flatMap { $0.samples(in: format) }
        )
    }

    /// The series of a name and labels, made if it is the first time.
    func series<Made: Series>(_ name: String, _ dimensions: [(String, String)]) -> Made {
        guard MetricFamily.isName(name), let labels = LabelSet(dimensions) else {
            return drop(SeriesIdentity(name: name, labels: .none))
        }
        let identity = SeriesIdentity(name: name, labels: labels)
        let kept: Made? = state.withLock { state in
            if let present = state.series[name]?[labels] { return present as? Made }
            let isOfKind = state.series[name]?.values.first.map { $0 is Made } ?? true
            guard isOfKind, name != dropped.identity.name, state.count < Self.maximumSeriesCount else { return nil }
            let made = Made(identity)
            state.series[name, default: [:]][labels] = made
            state.count += 1
            return made
        }
        return kept ?? drop(identity)
    }

    private func drop<Made: Series>(_ identity: SeriesIdentity) -> Made {
        dropped.increment(by: 1)
        return Made(identity)
    }

    /// Exposes a series no longer.
    func remove(_ series: any Series) {
        let identity = series.identity
        state.withLock { state in
            guard state.series[identity.name]?[identity.labels] === series else { return }
            state.series[identity.name]?[identity.labels] = nil
            if state.series[identity.name]?.isEmpty == true { state.series[identity.name] = nil }
            state.count -= 1
        }
    }
}

extension PrometheusRegistry: MetricsFactory {
    /// A counter.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let counter: CounterSeries = series(label, dimensions)
        return counter
    }

    /// A gauge.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let gauge: GaugeSeries = series(label, dimensions)
        return gauge
    }

    /// A gauge with the last value, even where all were to be aggregated: only durations are.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let gauge: GaugeSeries = series(label, dimensions)
        return gauge
    }

    /// A histogram in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let histogram: HistogramSeries = series(label, dimensions)
        return histogram
    }

    /// Exposes a counter no longer.
    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Exposes a gauge no longer.
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Exposes a gauge no longer.
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Exposes a histogram no longer.
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: AnyObject) {
        if let series = handler as? any Series { remove(series) }
    }
}
