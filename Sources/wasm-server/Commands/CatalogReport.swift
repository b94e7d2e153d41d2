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
        if change.isOfKeptOnly {
            service.keep(change)
            metrics.keep(change.snapshot)
        } else {
            service.serve(change.snapshot)
            metrics.serve(change.snapshot)
            readiness.serve(change.snapshot)
        }
        metrics.count(change.dropped)
        let begun = Set(change.begun.map(\.path))
        for module in change.ended where !begun.contains(module.path) {
            logger.notice(
                "module is gone",
                metadata: [
                    "path": "\(module.path.urlPath)", "sha256": "\(module.blob.digest)", "source": "\(module.origin)",
                ]
            )
        }
        let former = Dictionary(change.ended.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for module in change.begun { log.tell(module, after: former[module.path]) }
        change.rejected.forEach(log.tell)
        log.tellOfMore(change.unnamedRejectionCount)
        for module in change.adopted {
            logger.info("kept", metadata: ["sha256": "\(module.blob.digest)", "source": "\(module.origin)"])
        }
        for dropped in change.dropped {
            var metadata: Logger.Metadata = [
                "sha256": "\(dropped.module.blob.digest)", "cause": "\(dropped.cause.rawValue)",
            ]
            metadata["path"] = dropped.module.path.map { "\($0.urlPath)" }
            logger.notice("no longer kept", metadata: metadata)
        }
        if change.isMended { logger.info("everything that was found is served") }
    }
}
