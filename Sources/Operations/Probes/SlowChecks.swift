// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Logging
internal import Synchronization

/// Says which checks of files take long, as those do that wait for a volume: in the log, and beside the answer to readiness probes.
package final class SlowChecks: Sendable {
    /// What is checked.
    package struct Subject: Sendable {
        /// The detail's name in verbose probes.
        fileprivate let detail: String
        /// What names the thing in the log.
        fileprivate let key: String
        fileprivate let late: Logger.Message
        fileprivate let ended: Logger.Message

        /// The sources of modules.
        package static let sources = Subject(
            detail: "source-checks",
            key: "source",
            late: "a check of a source takes long; its last good modules are served",
            ended: "a check of a source has ended"
        )
        /// The files of certificates and keys.
        package static let tlsFiles = Subject(
            detail: "tls-checks",
            key: "file",
            late: "a check of the TLS files takes long; the last good ones are used",
            ended: "a check of the TLS files has ended"
        )
    }

    /// How long a check takes before it is reported.
    private static let threshold = Duration.seconds(10)

    private let subject: Subject
    private let readiness: Readiness
    private let logger: Logger
    /// What was reported to take long.
    private let late = Mutex<Set<String>>([])

    /// Says nothing yet.
    package init(of subject: Subject, to readiness: Readiness, logger: Logger) {
        self.subject = subject
        self.readiness = readiness
        self.logger = logger
    }

    /// Tells how long the checks that are under way have taken, by what is checked.
    package func tell(_ times: [(name: String, time: Duration)]) {
        let slow = times.filter { $0.time >= Self.threshold }.map { ($0.name, $0.time.components.seconds) }
        let names = Set(slow.map(\.0))
        let known = late.withLock { late in
            defer { late = names }
            return late
        }
        guard !slow.isEmpty || !known.isEmpty else { return }
        let problems = slow.map { "A check of \($0) has taken \($1) s." }
        readiness.report(subject.detail, problem: problems.isEmpty ? nil : problems.joined(separator: " "))
        for (name, seconds) in slow where !known.contains(name) {
            logger.warning(
                subject.late,
                metadata: [subject.key: "\(name)", "seconds": .stringConvertible(seconds)]
            )
        }
        for name in known.subtracting(names) { logger.notice(subject.ended, metadata: [subject.key: "\(name)"]) }
    }
}
