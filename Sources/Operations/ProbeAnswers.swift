// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// What the probes answer, rendered: all who ask share it.
struct ProbeAnswers: Sendable {
    /// The answers of one probe.
    struct Answer: Sendable {
        /// The status and a word, or what is wrong.
        let plain: Response
        /// A line for each check.
        let verbose: Response

        init(_ probe: Probe) {
            plain = probe.response
            verbose = probe.verboseResponse
        }
    }

    /// Whether the process answers.
    let live = Answer(Probe(name: "livez", checks: [Check("ping")]))
    /// Whether the server has started; a shutdown takes nothing back.
    let startup: Answer
    /// Whether it is ready.
    let ready: Answer

    /// The answers to what was looked at.
    ///
    /// - Parameters:
    ///   - startup: What decides whether the server has started.
    ///   - ready: What decides whether it is ready.
    ///   - details: What is reported beside that.
    init(startup: [Check], ready: [Check], details: [Check]) {
        self.startup = Answer(Probe(name: "startupz", checks: startup))
        self.ready = Answer(Probe(name: "readyz", checks: ready, details: details))
    }
}
