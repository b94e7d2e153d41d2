// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

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
