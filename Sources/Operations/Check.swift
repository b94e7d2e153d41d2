// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
        let words = problem.split { character in
            character.unicodeScalars.contains { $0.properties.generalCategory == .control } || character.isWhitespace
        }
        return "[-]\(name) failed: \(words.joined(separator: " "))"
    }
}
