// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import ProxyWasm

/// A line that GitHub Actions makes an annotation of ("Workflow commands" in its documentation).
///
/// A line that begins with two colons is obeyed, whoever wrote it, so nothing else of a module or its name is printed with it.
struct WorkflowCommand {
    private let kind: String
    private let file: CheckedFile
    private let title: String
    private let message: String

    /// The commands for a file: of each finding, of hosts that would do otherwise, and that it could not be read.
    static func all(for file: CheckedFile) -> [WorkflowCommand] {
        let name = file.displayName
        switch file.result {
        case .failure(let error):
            let message = "\(name): \(error.reason.printable)\nhelp: \(error.remedy)"
            return [WorkflowCommand(kind: "error", file: file, title: "unreadable", message: message)]
        case .success(let judgement):
            let findings = judgement.findings.map { finding in
                let place = CheckText.place(of: finding, in: name)
                let remedy = finding.objection.remedy.printable
                let message = "\(place): \(judgement.reason(of: finding))\nhelp: \(remedy)"
                return WorkflowCommand(
                    kind: finding.level.rawValue,
                    file: file,
                    title: finding.objection.rule,
                    message: message
                )
            }
            let notes = judgement.others.map { others in
                let message = "\(name): \(CheckText.words(of: others))"
                return WorkflowCommand(kind: "notice", file: file, title: "other hosts", message: message)
            }
            return findings + notes
        }
    }

    /// How many files there are of each verdict, for the log; no name is in it.
    static func summary(of files: [CheckedFile]) -> String {
        let counts = [CheckedFile.Verdict.admitted, .rejected, .unreadable].compactMap { verdict in
            let number = files.count { $0.verdict == verdict }
            return number > 0 ? "\(number) \(verdict)" : nil
        }
        return "wasm-server check: \(counts.joined(separator: ", "))"
    }

    /// The line.
    var line: String {
        let place = file.name == CheckedFile.standardInput ? "" : "file=\(Self.property(file.displayName)),"
        return "::\(kind) \(place)title=\(Self.property(title))::\(Self.data(message))"
    }

    /// What follows the second pair of colons: a percent sign and what would end the line are escaped.
    private static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    /// The value of a property: what would end it is escaped, too.
    private static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
