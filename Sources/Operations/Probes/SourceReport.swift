// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Logging
package import ModuleCatalog

/// Says which sources do not answer: in the log, in the metrics, and beside the answer to readiness probes.
package struct SourceReport: Sendable {
    private let checks: SlowChecks

    /// A report to probes and to the log; metrics read the checks when they are asked for.
    package init(
        in registry: PrometheusRegistry,
        to readiness: Readiness,
        logger: Logger,
        checks: @escaping @Sendable () -> [SourceCheck]
    ) {
        self.checks = SlowChecks(of: .sources, to: readiness, logger: logger)
        registry.collect { [Self.family(checks())] }
    }

    /// Tells how it stands now.
    package func tell(_ checks: [SourceCheck]) {
        self.checks.tell(checks.compactMap { check in check.running.map { (check.source, $0) } })
    }

    private static func family(_ checks: [SourceCheck]) -> MetricFamily {
        let samples = checks.compactMap { check in
            LabelSet([("source", check.source)]).map {
                MetricFamily.Sample(labels: $0, value: Double(check.lastDate))
            }
        }
        return MetricName.sourceLastCheck.family(.gauge, samples)
    }
}
