// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ServerClient
internal import Synchronization
internal import Tracing

/// Says in the log how it goes with the collector of spans: what goes wrong once a minute at most.
final class TraceReport: Sendable {
    private let endpoint: CollectorEndpoint
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let warnings = Mutex(WarningThrottle())

    /// A report on the collector at an endpoint.
    init(
        on endpoint: CollectorEndpoint,
        logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.endpoint, self.logger, self.now) = (endpoint, logger, now)
    }

    /// Says what is worth a line.
    @Sendable
    func tell(_ event: ExportEvent) {
        switch event {
        case .exported:
            if warnings.withLock({ $0.end(of: endpoint.description) }) {
                logger.info("spans are taken again", metadata: ["endpoint": "\(endpoint)"])
            }
        case .rejected(let count, let message):
            let reason = message.map { ": \($0)" } ?? ""
            warn("spans are not all taken", count > 0 ? "the collector rejected \(count)\(reason)" : "it says\(reason)")
        case .failed(let failure):
            warn("spans are not taken", "\(words(failure)); \(remedy(failure))")
        case .left(let count):
            logger.warning(
                "spans are lost",
                metadata: [
                    "endpoint": "\(endpoint)", "spans": .stringConvertible(count),
                    "reason": "the server ended before the collector took them",
                ]
            )
        }
    }

    private func warn(_ message: Logger.Message, _ reason: String) {
        let subject = WarningThrottle.Subject(peer: endpoint.description, failure: "spans", endsWithList: true)
        guard warnings.withLock({ $0.note(subject, at: now()) }) else { return }
        logger.warning(message, metadata: ["endpoint": "\(endpoint)", "reason": "\(reason)"])
    }

    private func words(_ failure: ExportFailure) -> String {
        switch failure {
        case .status(_, let words): words
        case .unanswered(let error): error.description
        }
    }

    private func remedy(_ failure: ExportFailure) -> String {
        let setting = Setting.otlpEndpoint.flag
        return switch failure {
        case .status(300...399, _): "name in \(setting) where it leads: no redirect is followed"
        case .status(401, _), .status(403, _):
            "let the collector take spans without credentials from within the cluster: none are sent"
        case .status(404, _), .status(405, _): "check \(setting): /v1/traces is put behind its path"
        case .status(429, _), .status(500..., _): "check the collector's log, and its load"
        case .status: "check the collector's log"
        case .unanswered(.tls): "let the system trust the collector's authority, or name the collector by http://"
        case .unanswered(.otherProtocol), .unanswered(.malformed), .unanswered(.cut), .unanswered(.unanswered),
            .unanswered(.tooLong):
            "check that \(setting) names its port of OTLP over HTTP, 4318 as a rule; 4317 is that of gRPC"
        case .unanswered(.refused), .unanswered(.unreachable), .unanswered(.timedOut):
            "check that the collector runs, the port in \(setting), and network policies"
        case .unanswered(let error): error.remedy.words
        }
    }
}
