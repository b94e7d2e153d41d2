// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Logging
internal import Operations
internal import Siblings
internal import Synchronization

/// Says how it goes with the siblings, in the metrics and in the log.
///
/// What goes wrong is logged once a minute for each sibling and kind of failure: a sibling may fail as often as it likes.
final class SiblingReport: SiblingObserver {
    private struct State {
        var complaints = Complaints()
        /// Whether siblings are asked for the first time: some may not be up yet, and one of them is this server.
        var isStarting = true
    }

    private let metrics: SiblingMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// A report to metrics and a log.
    init(metrics: SiblingMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func siblingsDid(_ event: SiblingEvent) {
        switch event {
        case .resolved(let peer, let count):
            logger.debug("peers", metadata: ["name": "\(peer)", "addresses": .stringConvertible(count)])
            guard count == 0 else { return }
            let reason = "there is no address of that name; check --peers, and that the headless Service has endpoints"
            warn("peers cannot be found", about: "\(peer)", failure: "no_address", reason)
        case .resolutionFailed(let peer, let reason):
            warn("peers cannot be looked up", about: "\(peer)", failure: "resolution", reason)
        case .listed(let sibling, let count):
            metrics.asked(for: .list)
            if answersAgain("\(sibling)") { logger.info("sibling lists again", metadata: ["sibling": "\(sibling)"]) }
            logger.debug("sibling lists", metadata: ["sibling": "\(sibling)", "digests": .stringConvertible(count)])
        case .listFailed(let sibling, let error):
            metrics.asked(for: .list, failure: error.label)
            warn("sibling does not list", about: "\(sibling)", failure: error.label, error.description)
        case .fetched(let sibling, let digest, let count, let duration):
            metrics.asked(for: .fetch)
            logger.info(
                "fetched from a sibling",
                metadata: [
                    "sibling": "\(sibling)", "sha256": "\(digest)", "size": .stringConvertible(count),
                    "duration": .stringConvertible(duration),
                ]
            )
        case .fetchFailed(let sibling, let digest, let error):
            metrics.asked(for: .fetch, failure: error.label)
            warn(
                "sibling does not give",
                about: "\(sibling)",
                failure: "fetch_\(error.label)",
                endsWithList: false,
                "\(digest): \(error)"
            )
        case .tooLarge(let sibling, let digest, let size):
            let reason = """
                \(digest): has \(size) bytes, more than may be taken; raise --max-module-size and --retain-memory
                """
            warn(
                "sibling lists a module that is too large",
                about: "\(sibling)",
                failure: "fetch_too_large",
                endsWithList: false,
                reason
            )
        case .leftOut(let count):
            let reason = "there is no room for \(count) modules that siblings serve; raise --retain-memory"
            warn("not taken over", about: "all", failure: "left_out", endsWithList: false, reason)
        case .searched(let answer):
            metrics.searched(answer.rawValue)
        case .adopted(let report):
            metrics.adopted(report.adoptedCount)
            // Whoever still does not answer is worth telling, although it did not at the start.
            state.withLock { $0 = State(isStarting: false) }
            logger.log(level: report.isWhole ? .info : .notice, "adopted", metadata: report.metadata)
        }
    }

    private func warn(
        _ message: Logger.Message,
        about sibling: String,
        failure: String,
        endsWithList: Bool = true,
        _ reason: String
    ) {
        let subject = Complaints.Subject(sibling: sibling, failure: failure, endsWithList: endsWithList)
        let level: Logger.Level? = state.withLock { state in
            guard state.complaints.note(subject, at: .now) else { return nil }
            return state.isStarting ? .debug : .warning
        }
        if let level { logger.log(level: level, message, metadata: ["sibling": "\(sibling)", "reason": "\(reason)"]) }
    }

    private func answersAgain(_ sibling: String) -> Bool {
        state.withLock { $0.complaints.end(of: sibling) && !$0.isStarting }
    }
}

extension AdoptionReport {
    fileprivate var isWhole: Bool { failedCount + leftOutCount + lateCount == 0 && !ranOutOfTime && heardAll }

    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "siblings": .stringConvertible(answeredCount), "modules": .stringConvertible(adoptedCount),
            "bytes": .stringConvertible(adoptedBytes),
        ]
        // So it is when the first of several starts, too.
        if !heardAll { metadata["all_answered"] = .stringConvertible(false) }
        if failedCount > 0 { metadata["failed"] = .stringConvertible(failedCount) }
        if leftOutCount > 0 { metadata["no_room"] = .stringConvertible(leftOutCount) }
        if lateCount > 0 { metadata["no_time"] = .stringConvertible(lateCount) }
        return metadata
    }
}
