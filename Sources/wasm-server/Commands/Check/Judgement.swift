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
    var hosts: [HostProfile]

    /// A finding for hosts.
    init(_ objection: Objection, level: Level, hosts: [HostProfile]) {
        (self.objection, self.level, self.hosts) = (objection, level, hosts)
    }

    /// Whether what a rule has against a module that is for another host is the same, but for that host's name.
    func says(_ other: Objection, of host: HostProfile) -> Bool {
        guard (objection.rule, objection.effect, objection.offset) == (other.rule, other.effect, other.offset),
            let own = hosts.first
        else { return false }
        return objection.reason.replacing(own.name, with: "") == other.reason.replacing(host.name, with: "")
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

    /// What one host would do.
    struct HostOutcome {
        /// The host.
        let host: HostProfile
        /// The rules by which it rejects the module; empty if it admits it.
        let rules: [String]

        /// Whether the host admits it.
        var isAdmitted: Bool { rules.isEmpty }
    }

    /// The hosts that were asked for; none if it is only asked whether it is valid WebAssembly.
    let hosts: [HostProfile]
    /// What was read; nil if it was not worth reading.
    let content: Content?
    /// What is wrong for the hosts that were asked for.
    let findings: [Finding]
    /// What each host that is known would do, in the order in which they are listed.
    let outcomes: [HostOutcome]

    /// Whether one of the hosts that were asked for rejects it.
    var isRejected: Bool { findings.contains { $0.level == .error } }

    /// What is wrong, in words that follow the file's name; where it is not so for all hosts, for which.
    func reason(of finding: Finding) -> String {
        let reason = finding.objection.reason.printable
        return finding.hosts.count < hosts.count ? "\(reason) (\(finding.hosts.words))" : reason
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
            if let index = groups.firstIndex(where: { $0.rules == outcome.rules }) {
                groups[index].hosts.append(outcome.host)
            } else {
                groups.append(([outcome.host], outcome.rules))
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
