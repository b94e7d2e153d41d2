// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ProxyWasm
internal import ServerInterface
internal import WasmService

/// Says what has changed of what is served: to those who serve it, in the metrics, to readiness probes, and in the log.
struct CatalogReport {
    let service: WasmService
    let metrics: ServerMetrics
    let fleet: FleetReport?
    let pages: StatusPages
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
        fleet?.serve(change.snapshot)
        pages.serve(change.snapshot)
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
        for rejected in change.rejected { log.tell(rejected, stillServed: change.stillServed(inPlaceOf: rejected)) }
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

extension CatalogChange {
    /// How many modules are served as before, the last good ones, though they could not be read again: the one at the path that is
    /// rejected, or all of a source or a directory.
    fileprivate func stillServed(inPlaceOf rejected: RejectedModule) -> Int {
        // Of two files with one path the other one is served.
        guard rejected.error.code != .conflict else { return 0 }
        let begun = Set(begun.map(\.path))
        let subject = rejected.error.subject
        let folder = subject.hasSuffix("/") ? subject : "\(subject)/"
        return snapshot.modules.count { module in
            !begun.contains(module.path)
                && (module.path == rejected.path || module.origin == subject || module.origin.hasPrefix(folder))
        }
    }
}

/// Logs what is served, and what is not and why.
struct SnapshotLog {
    let logger: Logger
    /// The largest module that is kept once it is replaced, in bytes; 0 if none is.
    let largestKept: Int

    /// A line for each module that was found.
    func list(_ snapshot: Snapshot) {
        for module in snapshot.modules { tell(module) }
        for rejected in snapshot.namedRejections { tell(rejected, stillServed: 0) }
        tellOfMore(snapshot.unnamedRejectionCount)
    }

    /// How much more is rejected than has lines of its own.
    func tellOfMore(_ count: Int) {
        if count > 0 { logger.error("more is rejected", metadata: ["count": .stringConvertible(count)]) }
    }

    /// A module that is served under its name, perhaps in place of another.
    func tell(_ module: Module, after former: Module? = nil) {
        var metadata: Logger.Metadata = [
            "path": "\(module.path.urlPath)",
            "sha256": "\(module.blob.digest)",
            "size": .stringConvertible(module.blob.count),
            "source": "\(module.origin)",
        ]
        metadata["previous_sha256"] = former.map { "\($0.blob.digest)" }
        logger.info(former == nil ? "module" : "module changed", metadata: metadata)
        for warning in module.warnings(largestKept: largestKept) { logger.warning("\(warning)") }
        if let note = module.noteOnOtherHosts { logger.info("\(note)") }
    }

    /// A module that is not, or a source without any, and how many are still served in its place.
    func tell(_ rejected: RejectedModule, stillServed: Int) {
        var metadata: Logger.Metadata = [
            "source": "\(rejected.error.name)", "reason": "\(rejected.error.explanation)",
        ]
        metadata["path"] = rejected.path.map { "\($0.urlPath)" }
        if stillServed > 0 { metadata["still_served"] = .stringConvertible(stillServed) }
        logger.error("rejected", metadata: metadata)
    }

    /// Whether everything that was found is served.
    func summarize(_ snapshot: Snapshot) {
        var metadata: Logger.Metadata = ["modules": .stringConvertible(snapshot.modules.count)]
        guard !snapshot.isComplete else {
            logger.info("ready", metadata: metadata)
            return
        }
        metadata["rejected"] = .stringConvertible(snapshot.rejectedCount)
        logger.warning("serving, but not ready", metadata: metadata)
    }
}

extension Module {
    /// What a person should know of it though it is served, in lines of a log: one for each rule that warns.
    ///
    /// There may be one about its replacement, unless it is too large for its host anyway. The largest module that is kept once it is replaced is in
    /// bytes; 0 if none is.
    func warnings(largestKept: Int) -> [String] {
        let objections = content.warnings.map { objection in
            let circumstance = objection.effect == .refuses ? "is served though it " : ""
            return "\(path.urlPath) \(circumstance)\(objection.reason) (\(objection.rule)); \(objection.remedy)"
        }
        guard largestKept > 0, blob.count > largestKept, blob.count <= FetchLimit.envoy else {
            return objections
        }
        return objections + [
            """
            \(path.urlPath) has \(blob.count) bytes, and \(Setting.retainMemory.flag) keeps at most \(largestKept): \
            once it is replaced, nobody can fetch it any more; raise \(Setting.retainMemory.flag)
            """
        ]
    }

    /// Which other versions of Envoy would not load it, and why the newest of them would not; nil if all would.
    var noteOnOtherHosts: String? {
        let refusing = content.verdicts.filter { !$0.refusals.isEmpty }
        let told = Set(content.warnings.map(\.rule))
        guard let newest = refusing.first(where: { !told.isSuperset(of: $0.refusals.rules) }) else { return nil }
        let names = refusing.map(\.host.name).joined(separator: ", ")
        return
            "\(path.urlPath) is rejected for \(names): it \(newest.refusals.map(\.reason).joined(separator: ", and "))"
    }
}
