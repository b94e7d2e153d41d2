// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// What one of Kubernetes' probes finds.
struct Probe: Sendable {
    /// Its name, as its path has it.
    let name: String
    /// What decides.
    let checks: [Check]
    /// What is reported beside that.
    var details: [Check] = []

    /// The status and a word, or what is wrong as a problem document.
    var response: Response {
        let problems = checks.compactMap(\.problem)
        return problems.isEmpty ? .text("ok") : .problem(.serviceUnavailable, detail: problems.joined(separator: " "))
    }

    /// The same status, with a line for each check and a last one for all of them.
    var verboseResponse: Response {
        let hasPassed = checks.allSatisfy(\.hasPassed)
        let lines = (checks + details).map(\.line) + ["\(name) check \(hasPassed ? "passed" : "failed")"]
        let text = lines.joined(separator: "\n") + "\n"
        return .document(hasPassed ? .ok : .serviceUnavailable, "text/plain; charset=utf-8", Array(text.utf8))
    }
}
