// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// The metrics of each module that is served by name, and of what is rejected.
struct ModuleMetrics: Sendable {
    private let modules: [(labels: LabelSet, module: Module)]
    private let rejections: [MetricFamily.Sample]

    /// Of what is served, and what is not.
    init(of snapshot: Snapshot) {
        modules = snapshot.modules.compactMap { module in
            let labels = LabelSet([("path", module.path.urlPath), ("sha256", module.blob.digest.hexadecimal)])
            return labels.map { ($0, module) }
        }
        let broken = snapshot.rejected.flatMap(\.error.rules)
        rejections = Dictionary(grouping: broken, by: \.self).sorted { $0.key < $1.key }.compactMap { rule, modules in
            LabelSet([("rule", rule)]).map { .init(labels: $0, value: Double(modules.count)) }
        }
    }

    /// The families, read now.
    var families: [MetricFamily] {
        [
            family(.moduleInfo) { _ in 1 },
            family(.moduleSince) { $0.since },
            family(.moduleLastFetch) { $0.lastFetch.date ?? 0 },
            MetricName.rejectedModules.family(.gauge, rejections),
        ]
    }

    private func family(_ name: MetricName, _ value: (Module) -> Int64) -> MetricFamily {
        name.family(.gauge, modules.map { .init(labels: $0.labels, value: Double(value($0.module))) })
    }
}
