// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import Logging
internal import Operations
internal import Peers
internal import ServerClient
internal import ServerInterface
internal import Synchronization

/// Says how it goes with the peers, in the metrics and in the log.
///
/// What goes wrong is logged once a minute for each peer and kind of failure: a peer may fail as often as it likes.
final class PeerReport: PeerObserver {
    private struct State {
        var warnings = WarningThrottle()
        /// Whether peers are asked for the first time: some may not be up yet, and one of them is this server.
        var isStarting = true
        /// How each has answered the last question what it has.
        var answers: [String: Answer] = [:]
        /// Why no address is known of names, by these.
        var nameless: [ServerName: String] = [:]
    }

    private struct Answer {
        var digests: Int?
        var lastListed: Int64?
        var failure: PeerError?
        var lastAsked: Int64
    }

    /// How long a peer is told of that is not asked any more, in seconds: it is gone.
    private static let remembered: Int64 = 60

    private let metrics: PeerMetrics
    private let logger: Logger
    private let state = Mutex(State())

    /// A report to metrics and a log.
    init(metrics: PeerMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    /// Those that were asked lately, in the order of their addresses, at a time in seconds since 1970.
    func peers(now: Int64) -> [PeersDocument.Peer] {
        state.withLock { state in
            state.answers = state.answers.filter { now - $0.value.lastAsked <= Self.remembered }
            return state.answers.sorted { $0.key < $1.key }.map { address, answer in
                PeersDocument.Peer(
                    address: address,
                    state: answer.failure?.stateOfReplica ?? FleetDocument.told,
                    digests: answer.digests,
                    lastListed: answer.lastListed.map(Timestamp.text),
                    failure: answer.failure?.words
                )
            }
        }
    }

    /// Why no address of a name is known; nil if one is, or if nobody has looked yet.
    func failure(of name: ServerName) -> String? { state.withLock { $0.nameless[name] } }

    private func note(_ peer: Peer, _ outcome: Result<Int, PeerError>) {
        let now = platform_seconds()
        state.withLock { state in
            var answer = state.answers["\(peer)"] ?? Answer(lastAsked: now)
            answer.lastAsked = now
            switch outcome {
            case .success(let count): (answer.digests, answer.lastListed, answer.failure) = (count, now, nil)
            case .failure(let error): answer.failure = error
            }
            // Addresses come and go.
            if state.answers.count >= 2 * PeerDirectory.maximumCount {
                state.answers = state.answers.filter { now - $0.value.lastAsked <= Self.remembered }
            }
            state.answers["\(peer)"] = answer
        }
    }

    /// A peer was asked who has fetched from it; why it did not tell, or nil if it did.
    func news(from peer: Peer, _ failure: PeerError?) {
        metrics.asked(for: .news, failure: failure?.label)
        guard let failure else { return }
        warn(
            "peer does not tell of its clients",
            about: "\(peer)",
            failure: "news_\(failure.label)",
            endsWithList: false,
            failure.words
        )
    }

    func peersDid(_ event: PeerEvent) {
        switch event {
        case .resolved(let name, let count):
            state.withLock { $0.nameless[name] = count == 0 ? "there is no address of that name" : nil }
            logger.debug("peers", metadata: ["name": "\(name)", "addresses": .stringConvertible(count)])
            guard count == 0 else { return }
            let reason = """
                there is no address of that name; check \(Setting.peers.flag), and that the headless Service has endpoints
                """
            warn("peers cannot be found", about: "\(name)", failure: "no_address", reason)
        case .resolutionFailed(let name, let reason):
            state.withLock { $0.nameless[name] = reason }
            warn("peers cannot be looked up", about: "\(name)", failure: "resolution", reason)
        case .listed(let peer, let count):
            note(peer, .success(count))
            metrics.asked(for: .list)
            if answersAgain("\(peer)") { logger.info("peer lists again", metadata: ["peer": "\(peer)"]) }
            logger.debug("peer lists", metadata: ["peer": "\(peer)", "digests": .stringConvertible(count)])
        case .listFailed(let peer, let error):
            note(peer, .failure(error))
            metrics.asked(for: .list, failure: error.label)
            warn("peer does not list", about: "\(peer)", failure: error.label, isLack: error.isLack, error.words)
        case .fetched(let peer, let digest, let count, let duration):
            metrics.asked(for: .fetch)
            logger.info(
                "fetched from a peer",
                metadata: [
                    "peer": "\(peer)", "sha256": "\(digest)", "size": .stringConvertible(count),
                    "duration": .stringConvertible(duration),
                ]
            )
        case .fetchFailed(let peer, let digest, let error):
            metrics.asked(for: .fetch, failure: error.label)
            warn(
                "peer does not give",
                about: "\(peer)",
                failure: "fetch_\(error.label)",
                endsWithList: false,
                isLack: error.isLack,
                "\(digest): \(error.words)"
            )
        case .tooLarge(let peer, let digest, let size):
            let reason = """
                \(digest): has \(size) bytes, more than may be taken; raise \(Setting.maximumModuleSize.flag) and \
                \(Setting.retainMemory.flag)
                """
            warn(
                "peer lists a module that is too large",
                about: "\(peer)",
                failure: "fetch_too_large",
                endsWithList: false,
                reason
            )
        case .leftOut(let count):
            let reason = "there is no room for \(count) modules that peers serve; raise \(Setting.retainMemory.flag)"
            warn("not taken over", about: "all", failure: "left_out", endsWithList: false, reason)
        case .searched(let answer):
            metrics.searched(answer.rawValue)
        case .adopted(let report):
            metrics.adopted(report.adoptedCount)
            // Whoever still does not answer is worth telling, although it did not at the start.
            state.withLock { state in (state.warnings, state.isStarting) = (WarningThrottle(), false) }
            if report.hasFoundNobody {
                logger.warning(
                    "no peer answered",
                    metadata: [
                        "reason": """
                        check \(Setting.peers.flag), and whether DNS and network policies let this server look for them; \
                        what they keep is \
                        taken over as soon as one answers
                        """
                    ]
                )
            }
            logger.log(level: report.isWhole ? .info : .notice, "adopted", metadata: report.metadata)
        }
    }

    private func warn(
        _ message: Logger.Message,
        about peer: String,
        failure: String,
        endsWithList: Bool = true,
        isLack: Bool = false,
        _ reason: String
    ) {
        let subject = WarningThrottle.Subject(peer: peer, failure: failure, endsWithList: endsWithList)
        let level: Logger.Level? = state.withLock { state in
            guard state.warnings.note(subject, at: .now) else { return nil }
            return state.isStarting && !isLack ? .debug : .warning
        }
        if let level { logger.log(level: level, message, metadata: ["peer": "\(peer)", "reason": "\(reason)"]) }
    }

    private func answersAgain(_ peer: String) -> Bool {
        state.withLock { $0.warnings.end(of: peer) && !$0.isStarting }
    }
}

extension AdoptionReport {
    fileprivate var isWhole: Bool {
        failedCount + leftOutCount + lateCount == 0 && !ranOutOfTime && (heardAll || isNobodyThere)
    }

    /// Whether there may be somebody who did not answer, and nobody did.
    fileprivate var hasFoundNobody: Bool { answeredCount == 0 && !isNobodyThere }

    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "peers": .stringConvertible(answeredCount), "modules": .stringConvertible(adoptedCount),
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
