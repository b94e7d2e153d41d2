// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Logging
internal import ModuleCatalog

/// Logs what is served, and what is not and why.
struct SnapshotLog {
    let logger: Logger
    /// The largest module that is kept once it is replaced, in bytes; 0 if none is.
    let largestKept: Int

    /// A line for each module that was found.
    func list(_ snapshot: Snapshot) {
        for module in snapshot.modules { tell(module) }
        snapshot.namedRejections.forEach(tell)
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
        if let warning = ModuleWarning(module, largestKept: largestKept) { logger.warning("\(warning)") }
    }

    /// A module that is not.
    func tell(_ rejected: RejectedModule) {
        var metadata: Logger.Metadata = [
            "source": "\(rejected.error.name)", "reason": "\(rejected.error.explanation)",
        ]
        metadata["path"] = rejected.path.map { "\($0.urlPath)" }
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
