// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import WasmService

/// Says what has changed of what is served: to those who serve it, in the metrics, to readiness probes, and in the log.
struct CatalogReport {
    let service: WasmService
    let metrics: ServerMetrics
    let readiness: Readiness
    let log: SnapshotLog
    let logger: Logger

    /// Tells of a change.
    func tell(_ change: CatalogChange) {
        service.serve(change.snapshot)
        metrics.serve(change.snapshot)
        metrics.count(change.dropped)
        readiness.serve(change.snapshot)
        for module in change.ended where !change.begun.contains(where: { $0.path == module.path }) {
            logger.notice(
                "module is gone",
                metadata: [
                    "path": "\(module.path.urlPath)", "sha256": "\(module.blob.digest)", "source": "\(module.origin)",
                ]
            )
        }
        change.begun.forEach(log.tell)
        change.refused.forEach(log.tell)
        for module in change.adopted {
            logger.info("kept", metadata: ["sha256": "\(module.blob.digest)", "source": "\(module.origin)"])
        }
        for dropped in change.dropped {
            logger.notice(
                "not kept any more",
                metadata: [
                    "sha256": "\(dropped.module.blob.digest)", "cause": "\(dropped.cause.rawValue)",
                ]
            )
        }
        if change.isMended { logger.info("everything that was found is served") }
    }
}
