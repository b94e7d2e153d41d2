// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Metrics

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
