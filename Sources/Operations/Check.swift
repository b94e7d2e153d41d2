// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Something that a probe looks at.
struct Check: Sendable {
    let name: String
    /// What is wrong; nil if nothing is.
    let problem: String?

    init(_ name: String, problem: String? = nil) {
        self.name = name
        self.problem = problem
    }

    var hasPassed: Bool { problem == nil }

    /// As Kubernetes' own components say it, on one line (`k8s.io/apiserver`, `healthz.go`).
    var line: String {
        guard let problem else { return "[+]\(name) ok" }
        let words = problem.unicodeScalars.split { $0.steersDisplay || $0.properties.isWhitespace }
        return "[-]\(name) failed: \(words.map(String.init).joined(separator: " "))"
    }
}
