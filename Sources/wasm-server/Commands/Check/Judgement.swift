// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ProxyWasm

/// What is wrong with a module.
struct Finding {
    /// How bad it is, by its name in every format.
    enum Level: String {
        /// It is rejected.
        case error
        /// It is admitted.
        case warning
    }

    /// What a rule has against it.
    let objection: Objection
    /// How bad that is.
    let level: Level
    /// For which of the hosts that were asked for; none if it is wrong whatever it is for.
    private(set) var hosts: [HostProfile]
    /// Whether it is told of each host in other words, as of what that host offers.
    private(set) var differsByHost = false

    /// A finding for hosts.
    init(_ objection: Objection, level: Level, hosts: [HostProfile]) {
        (self.objection, self.level, self.hosts) = (objection, level, hosts)
    }

    /// Takes in what a rule has against the module for another host, if that is the same: by the same rule, at the same place.
    ///
    /// - Returns: Whether it is.
    mutating func take(_ other: Objection, of host: HostProfile) -> Bool {
        guard !hosts.contains(host), (objection.rule, objection.effect) == (other.rule, other.effect),
            (objection.offset, objection.count) == (other.offset, other.count)
        else { return false }
        hosts.append(host)
        differsByHost = differsByHost || objection.reason != other.reason
        return true
    }
}

/// What hosts would do with the bytes of a file.
struct Judgement {
    /// What was read.
    struct Content {
        /// In bytes.
        let size: Int
        /// The SHA-256.
        let digest: Digest
        /// What it says; nil if it is no module.
        let facts: ModuleFacts?
    }

    /// The hosts that were asked for; none if it is only asked whether it is valid WebAssembly.
    let hosts: [HostProfile]
    /// What was read; nil if it was not worth reading.
    let content: Content?
    /// What is wrong for the hosts that were asked for.
    let findings: [Finding]
    /// What each host that is known would do, in the order in which they are listed; where warnings are errors, they count.
    let outcomes: [HostVerdict]

    /// Whether one of the hosts that were asked for rejects it.
    var isRejected: Bool { findings.contains { $0.level == .error } }

    /// What is wrong, in words that follow the file's name; where they are not so of all hosts, for which it is.
    func reason(of finding: Finding) -> String {
        let reason = finding.objection.reason.printable
        let isOfAll = finding.hosts.count == hosts.count && !finding.differsByHost
        return isOfAll ? reason : "\(reason) (\(finding.hosts.words))"
    }

    /// The hosts that were asked for and reject it, or those that admit it.
    func hosts(admitting isAdmitted: Bool) -> [HostProfile] {
        hosts.filter { host in outcomes.contains { $0.host == host && $0.isAdmitted == isAdmitted } }
    }

    /// What versions of Envoy that were not asked for would do otherwise: those that do so by the same rules together.
    ///
    /// What gateways with another name would do follows from the Envoy that they run.
    var others: [(hosts: [HostProfile], rules: [String])] {
        let envoys = outcomes.filter { HostProfile.envoys.contains($0.host) && !hosts.contains($0.host) }
        let different = envoys.filter { $0.isAdmitted == isRejected }
        return different.reduce(into: []) { groups, outcome in
            let rules = outcome.refusals.rules
            if let index = groups.firstIndex(where: { $0.rules == rules }) {
                groups[index].hosts.append(outcome.host)
            } else {
                groups.append(([outcome.host], rules))
            }
        }
    }
}

extension [HostProfile] {
    /// Their names in a sentence: `envoy-1.38, envoy-1.37 and envoy-1.36`.
    var words: String { map(\.name).listed }
}

extension [String] {
    /// All of them in a sentence: `a, b and c`.
    var listed: String {
        guard let last, count > 1 else { return first ?? "" }
        return "\(dropLast().joined(separator: ", ")) and \(last)"
    }
}
