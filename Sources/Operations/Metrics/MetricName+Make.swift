// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics

extension MetricName {
    /// A counter of this name.
    func counter(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Counter {
        Counter(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A gauge of this name.
    func gauge(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Meter {
        Meter(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A histogram of this name.
    func histogram(_ labels: [(String, String)] = [], in factory: any MetricsFactory) -> Timer {
        Timer(label: rawValue, dimensions: labels, factory: factory)
    }

    /// A family of one value that is read now.
    func family(_ kind: MetricFamily.Kind, _ value: Double) -> MetricFamily {
        MetricFamily(name: rawValue, kind: kind, help: help, samples: [MetricFamily.Sample(value: value)])
    }
}
