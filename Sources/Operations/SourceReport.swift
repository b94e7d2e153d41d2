// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Logging
package import ModuleCatalog
internal import Synchronization

/// Says which sources do not answer: in the log, in the metrics, and beside the answer to readiness probes.
package final class SourceReport: Sendable {
    /// How long a check takes before anyone is told.
    private static let patience = Duration.seconds(10)
    /// The detail's name in verbose probes.
    private static let detail = "source-checks"

    private let readiness: Readiness
    private let logger: Logger
    /// Sources whose checks take long, as was told.
    private let late = Mutex<Set<String>>([])

    /// A report; metrics read how it stands when they are asked for.
    ///
    /// - Parameters:
    ///   - registry: Where the metrics are exposed.
    ///   - readiness: What tells it beside the answers of probes.
    ///   - logger: The log.
    ///   - checks: How it stands with each source.
    package init(
        in registry: PrometheusRegistry,
        to readiness: Readiness,
        logger: Logger,
        checks: @escaping @Sendable () -> [SourceCheck]
    ) {
        self.readiness = readiness
        self.logger = logger
        registry.collect { [Self.family(checks())] }
    }

    /// Tells how it stands now.
    package func tell(_ checks: [SourceCheck]) {
        let slow = checks.compactMap { check in
            check.running.flatMap { $0 >= Self.patience ? (check.source, $0.components.seconds) : nil }
        }
        let names = Set(slow.map(\.0))
        let known = late.withLock { late in
            defer { late = names }
            return late
        }
        guard !slow.isEmpty || !known.isEmpty else { return }
        let problems = slow.map { "A check of \($0) has taken \($1) s." }
        readiness.report(Self.detail, problem: problems.isEmpty ? nil : problems.joined(separator: " "))
        for (source, seconds) in slow where !known.contains(source) {
            logger.warning(
                "a check of a source takes long; its last good modules are served",
                metadata: ["source": "\(source)", "seconds": .stringConvertible(seconds)]
            )
        }
        for source in known.subtracting(names) {
            logger.notice("a check of a source has ended", metadata: ["source": "\(source)"])
        }
    }

    private static func family(_ checks: [SourceCheck]) -> MetricFamily {
        let samples = checks.compactMap { check in
            LabelSet([("source", check.source)]).map {
                MetricFamily.Sample(labels: $0, value: Double(check.lastDate))
            }
        }
        let name = MetricName.sourceLastCheck
        return MetricFamily(name: name.rawValue, kind: .gauge, help: name.help, samples: samples)
    }
}
