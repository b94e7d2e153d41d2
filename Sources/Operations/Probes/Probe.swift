// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

/// What one of Kubernetes' probes finds.
struct Probe: Sendable {
    /// What is asked; its name is that of its path.
    enum Question: String, Sendable {
        /// Whether the process answers.
        case live = "livez"
        /// Whether the server has started; a shutdown takes nothing back.
        case startup = "startupz"
        /// Whether it is ready.
        case ready = "readyz"
    }

    let question: Question
    /// What decides.
    let checks: [Check]
    /// What is reported beside that.
    var details: [Check] = []

    /// The status and a word, or what is wrong as a problem document.
    var response: Response {
        problem.map { .problem(.serviceUnavailable, detail: $0) } ?? .text("ok")
    }

    /// The same status, with a line for each check and a last one for all of them.
    var verboseResponse: Response {
        let lines =
            (checks + details).map(\.line) + ["\(question.rawValue) check \(problem == nil ? "passed" : "failed")"]
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        let status = problem == nil ? Status.ok : .serviceUnavailable
        return .document(status, "text/plain; charset=utf-8", SharedBytes(text), reason: problem)
    }

    /// What is wrong; nil if nothing is that decides.
    private var problem: String? {
        let problems = checks.compactMap(\.problem?.text)
        return problems.isEmpty ? nil : problems.joined(separator: " ")
    }
}

/// Something that a probe looks at.
struct Check: Sendable {
    let name: String
    /// What is wrong; nil if nothing is.
    let problem: Problem?

    init(_ name: String, problem: Problem? = nil) {
        self.name = name
        self.problem = problem
    }

    var hasPassed: Bool { problem == nil }

    /// As Kubernetes' own components say it, on one line (`k8s.io/apiserver`, `healthz.go`).
    var line: String {
        problem.map { "[-]\(name) failed: \($0.line)" } ?? "[+]\(name) ok"
    }
}

/// What is wrong with something that a probe looks at.
///
/// There may be much to say, so that is made ready for all answers at once, when it becomes known.
struct Problem: Sendable {
    let text: String
    /// The same on one line.
    let line: String

    init(_ text: String) {
        self.text = text
        let words = text.unicodeScalars.split { $0.steersDisplay || $0.properties.isWhitespace }
        line = words.map(String.init).joined(separator: " ")
    }
}
