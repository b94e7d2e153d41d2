// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore
package import ServerClient
internal import Synchronization

/// The result of one check of a server.
package struct ProbeResult: Sendable, Equatable {
    /// How it went.
    package enum Verdict: String, Sendable {
        /// It is as it should be.
        case ok
        /// It works, and something about it may hurt later.
        case warning
        /// A client will fail.
        case failed
        /// It could not be looked at.
        case skipped
    }

    /// How it went.
    package let verdict: Verdict
    /// What was checked, and where.
    package let subject: String
    /// What was seen.
    package let detail: String
    /// What a person can do about it; nil if there is nothing to do.
    package let remedy: Remedy?

    /// The result of a check of a subject: its verdict, what was seen, and what a person can do about it, if anything.
    package init(_ verdict: Verdict, _ subject: String, _ detail: String, _ remedy: Remedy? = nil) {
        // Much of it was said by a server that may be anyone.
        (self.verdict, self.subject) = (verdict, subject.printable)
        (self.detail, self.remedy) = (detail.printable, remedy?.printable)
    }
}

/// Reports the results of checks as they come.
final class Results: Sendable {
    private let report: Probe.Reporter
    private let seen = Mutex<Set<ProbeResult.Verdict>>([])

    init(_ report: @escaping Probe.Reporter) {
        self.report = report
    }

    /// The verdicts so far.
    var verdicts: Set<ProbeResult.Verdict> { seen.withLock { $0 } }

    func add(_ result: ProbeResult) {
        _ = seen.withLock { $0.insert(result.verdict) }
        report(result)
    }
}

extension SocketAddress {
    /// The address and the port, as in a URL.
    var place: String {
        guard let host = ipAddress, let port else { return description }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension Probe {
    /// The outcome of a probe, by its name in the document (`docs/schemas/probe.schema.json`).
    package enum Outcome: String, Encodable, Sendable {
        /// Every client gets what it needs.
        case ok
        /// So it does, but something may hurt later, or was not looked at.
        case warning
        /// Replicas differ: who asks by name may get other bytes than it was told of.
        case byDigestOnly
        /// A client will fail.
        case failed
        /// Nobody answers.
        case unreachable

        /// The outcome of the verdicts on servers that answer, which announce all the same or do not.
        init(of verdicts: Set<ProbeResult.Verdict>, areAlike: Bool) {
            if verdicts.contains(.failed) {
                self = .failed
            } else if !areAlike {
                self = .byDigestOnly
            } else {
                self = verdicts.isDisjoint(with: [.warning, .skipped]) ? .ok : .warning
            }
        }
    }
}
