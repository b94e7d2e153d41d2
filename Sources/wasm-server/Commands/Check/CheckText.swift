// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ProxyWasm

/// What is told of a checked file to a person, as compilers do: `plugin.wasm:0x7b: error[unknown-import]: imports …`.
struct CheckText {
    private let file: CheckedFile
    private let name: String

    /// What is told of a file; nothing of one that could not be read, as that is an error of the command.
    init(of file: CheckedFile) {
        (self.file, name) = (file, file.displayName)
    }

    /// A line for each finding and one for its remedy, one for hosts that would do otherwise, and at the end what it comes to.
    var lines: [String] {
        guard let judgement = file.judgement else { return [] }
        let findings = judgement.findings.flatMap { finding in
            [
                "\(place(of: finding)): \(finding.level)[\(finding.objection.rule)]: \(judgement.reason(of: finding))",
                "  help: \(finding.objection.remedy.printable)",
            ]
        }
        let notes = judgement.others.map { "\(name): note: \(Self.words(of: $0))" }
        return findings + notes + summary(judgement).map { "\(name): \($0)" }
    }

    /// Where it is, in bytes from the start, in hexadecimal digits as tools for WebAssembly have it.
    static func place(of finding: Finding, in name: String) -> String {
        finding.objection.offset.map { "\(name):0x\(String($0, radix: 16))" } ?? name
    }

    /// What other hosts would do, as `note` says it.
    static func words(of others: (hosts: [HostProfile], rules: [String])) -> String {
        guard let first = others.hosts.first, !others.rules.isEmpty else {
            return "\(others.hosts.words) would load it"
        }
        return "\(others.hosts.words) would not load it: \(others.rules.joined(separator: ", ")); see --for \(first)"
    }

    private func place(of finding: Finding) -> String { Self.place(of: finding, in: name) }

    private func summary(_ judgement: Judgement) -> [String] {
        let facts = [
            judgement.content?.facts?.abi.map { "ABI \($0.rawValue)" },
            judgement.content?.facts.map { Self.count($0.imports.count, "import") },
            judgement.content.map { SizeText.human($0.size) },
        ]
        let known = facts.compactMap(\.self).joined(separator: ", ")
        guard !judgement.hosts.isEmpty else {
            return [judgement.isRejected ? "not valid WebAssembly" : "valid WebAssembly (\(known))"]
        }
        let (admitting, rejecting) = (judgement.hosts(admitting: true), judgement.hosts(admitting: false))
        let warnings = findings(judgement, for: admitting)
        let admitted =
            "admitted for \(admitting.words)\(warnings.isEmpty ? "" : " with \(warnings)") (\(known))"
        let rejected = "rejected for \(rejecting.words): \(findings(judgement, for: rejecting))"
        return (admitting.isEmpty ? [] : [admitted]) + (rejecting.isEmpty ? [] : [rejected])
    }

    /// How many findings there are for any of some hosts: `2 errors, 1 warning`.
    private func findings(_ judgement: Judgement, for hosts: [HostProfile]) -> String {
        let findings = judgement.findings.filter { $0.hosts.contains(where: hosts.contains) }
        return [Finding.Level.error, .warning].compactMap { level in
            let number = findings.filter { $0.level == level }.reduce(0) { $0 + $1.objection.count }
            return number > 0 ? Self.count(number, level.rawValue) : nil
        }
        .joined(separator: ", ")
    }

    private static func count(_ number: Int, _ one: String) -> String { "\(number) \(one)\(number == 1 ? "" : "s")" }
}
