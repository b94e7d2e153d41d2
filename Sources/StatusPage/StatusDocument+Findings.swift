// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

extension StatusDocument {
    /// Which process tells, and whether it is ready.
    package struct Process {
        let instance: String
        let version: String
        let revision: String
        let started: String
        let isReady: Bool

        /// A process, which was started at a ``Timestamp``.
        package init(instance: String, version: String, revision: String, started: String, isReady: Bool) {
            (self.instance, self.version, self.revision) = (instance, version, revision)
            (self.started, self.isReady) = (started, isReady)
        }
    }

    /// How a server is, by what was found.
    ///
    /// - Parameters:
    ///   - findings: What a person should know.
    ///   - process: Which process tells.
    ///   - index: Its modules.
    ///   - fleet: Who has fetched them; nil if nobody is remembered.
    ///   - sources: Where modules come from.
    ///   - now: The present, a ``Timestamp``.
    package init(
        _ findings: Findings,
        of process: Process,
        _ index: ModuleIndex,
        _ fleet: FleetDocument?,
        sources: [Source],
        now: String
    ) {
        let modules = Modules(
            current: index.current.count,
            kept: index.kept.count,
            rejected: index.rejectedCount ?? index.rejected.count
        )
        let gateways = fleet.map { fleet in
            fleet.modules.reduce(FleetDocument.Counts(current: 0, behind: 0, missing: 0, failed: 0)) { sum, module in
                FleetDocument.Counts(
                    current: sum.current + module.gateways.current,
                    behind: sum.behind + module.gateways.behind,
                    missing: sum.missing + module.gateways.missing,
                    failed: sum.failed + module.gateways.failed
                )
            }
        }
        self.init(
            instance: process.instance,
            version: process.version,
            revision: process.revision,
            started: process.started,
            time: now,
            ready: process.isReady,
            level: findings.level,
            summary: Self.summary(modules, gateways, findings),
            findings: findings.all,
            modules: modules,
            catalog: index.modules,
            gateways: gateways,
            sources: sources
        )
    }

    private static func summary(
        _ modules: Modules,
        _ gateways: FleetDocument.Counts?,
        _ findings: Findings
    ) -> String {
        let phase = findings.isStarting ? "Starting, with" : findings.isEnding ? "Ending, with" : "Serving"
        let served =
            modules.current == 0
            ? "Nothing is served."
            : "\(phase) \(SizeText.count(modules.current, "module")), each verified by its SHA-256."
        let rejected = modules.rejected > 0 ? ["\(modules.rejected) rejected."] : []
        guard let gateways else { return ([served] + rejected).joined(separator: " ") }
        let wrong = [(gateways.failed, "failed"), (gateways.behind, "behind"), (gateways.missing, "missing")]
            .filter { $0.0 > 0 }.map { "\($0) \($1)" }
        let told =
            gateways.all == 0
            ? "No gateway is known to have fetched yet."
            : "\(SizeText.count(gateways.current, "gateway")) current\(wrong.isEmpty ? "" : ", " + wrong.joined(separator: ", "))."
        return ([served] + rejected + [told]).joined(separator: " ")
    }
}
