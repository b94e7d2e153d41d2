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
    private struct Subject: Hashable {
        let sibling: String
        let failure: String

        /// A sibling that lists may go on failing to give.
        var isOfFetch: Bool { failure.hasPrefix(SiblingReport.fetch) }
    }

    private static let fetch = "fetch_"
    private static let span = Duration.seconds(60)
    /// The most failures that are told apart; siblings come and go.
    private static let maximumCount = 1024

    private struct State {
        var lastTold: [Subject: ContinuousClock.Instant] = [:]
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
                    "duration": "\(duration)",
                ]
            )
        case .fetchFailed(let sibling, let digest, let error):
            metrics.asked(for: .fetch, failure: error.label)
            warn(
                "sibling does not give",
                about: "\(sibling)",
                failure: "\(Self.fetch)\(error.label)",
                "\(digest): \(error)"
            )
        case .tooLarge(let sibling, let digest, let size):
            let reason = "\(digest): has \(size) bytes, more than may be taken; raise --max-module-size and --retain-memory"
            warn(
                "sibling lists a module that is too large",
                about: "\(sibling)",
                failure: "\(Self.fetch)too_large",
                reason
            )
        case .searched(let answer):
            metrics.searched(answer.rawValue)
        case .adopted(let report):
            metrics.adopted(report.adoptedCount)
            state.withLock { $0.isStarting = false }
            logger.log(level: report.isWhole ? .info : .notice, "adopted", metadata: report.metadata)
        }
    }

    private func warn(_ message: Logger.Message, about sibling: String, failure: String, _ reason: String) {
        let now = ContinuousClock.now
        let subject = Subject(sibling: sibling, failure: failure)
        let level: Logger.Level? = state.withLock { state in
            if let last = state.lastTold[subject], last.duration(to: now) < Self.span { return nil }
            if state.lastTold.count >= Self.maximumCount {
                state.lastTold = state.lastTold.filter { $0.value.duration(to: now) < Self.span }
            }
            guard state.lastTold.count < Self.maximumCount else { return nil }
            state.lastTold[subject] = now
            return state.isStarting ? .info : .warning
        }
        if let level { logger.log(level: level, message, metadata: ["sibling": "\(sibling)", "reason": "\(reason)"]) }
    }

    /// Whether a sibling that answers was told of as failing; if it fails anew, it is told of anew.
    private func answersAgain(_ sibling: String) -> Bool {
        state.withLock { state in
            let failures = state.lastTold.keys.filter { $0.sibling == sibling && !$0.isOfFetch }
            for failure in failures { state.lastTold[failure] = nil }
            return !failures.isEmpty && !state.isStarting
        }
    }
}

extension AdoptionReport {
    fileprivate var isWhole: Bool { failedCount + leftOutCount + lateCount == 0 && !ranOutOfTime }

    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "siblings": .stringConvertible(answeredCount), "modules": .stringConvertible(adoptedCount),
            "bytes": .stringConvertible(adoptedBytes),
        ]
        if failedCount > 0 { metadata["failed"] = .stringConvertible(failedCount) }
        if leftOutCount > 0 { metadata["no_room"] = .stringConvertible(leftOutCount) }
        if lateCount > 0 { metadata["no_time"] = .stringConvertible(lateCount) }
        return metadata
    }
}
