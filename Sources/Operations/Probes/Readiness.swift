// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService
package import ModuleCatalog
internal import Synchronization

/// Whether the server is ready, as its probes say it.
///
/// What they answer is rendered once, when someone asks for it after something has changed. A change is only noted, as event loops
/// tell some of them, however often.
package final class Readiness: Sendable {
    /// One of the answers.
    private struct Key: Hashable {
        let question: Probe.Question
        let isVerbose: Bool
    }

    private struct State {
        var isDraining = false
        /// Whether the data port answers.
        var isServing = false
        /// Why modules that were found are not served; nil if all are.
        var rejections: Problem?
        /// Whether everything that was found has been served at one time.
        var wasComplete = false
        /// What else is reported, by name, and what is wrong with it.
        var details: [String: Problem?] = [:]
        /// What was asked for since it changed, rendered: all who ask share it.
        var answers: [Key: Response] = [:]

        mutating func serve(_ rejections: Problem?) {
            isServing = true
            self.rejections = rejections
            if rejections == nil { wasComplete = true }
        }
    }

    private let state = Mutex(State())

    /// A server that is starting.
    package init() {}

    /// The data port is open and answers from a snapshot.
    package func begin(serving snapshot: Snapshot) {
        let rejections = Self.rejections(of: snapshot)
        change { $0.serve(rejections) }
    }

    /// The data port answers from another snapshot, if it is open.
    ///
    /// What is rejected at start makes the server unready, so that a rollout stops there. What is rejected later does not: the
    /// last good is served on, and so does everything else.
    package func serve(_ snapshot: Snapshot) {
        let rejections = Self.rejections(of: snapshot)
        change { state in
            if state.isServing { state.serve(rejections) }
        }
    }

    /// A shutdown has begun.
    package func drain() {
        change { $0.isDraining = true }
    }

    /// Reports a problem of something that does not make the server unready, such as a new certificate that cannot be
    /// used; nil once it is solved.
    package func report(_ detail: String, problem: String?) {
        let problem = problem.map(Problem.init)
        state.withLock { state in
            state.details[detail] = .some(problem)
            state.answers[Key(question: .ready, isVerbose: true)] = nil
        }
    }

    /// What is wrong, by what was looked at; the server is not ready for those that are decisive.
    package var problems: [(check: String, text: String, isDecisive: Bool)] {
        state.withLock { state in
            let checks = Self.readyChecks(in: state).map { ($0, true) } + Self.details(in: state).map { ($0, false) }
            return checks.compactMap { check, isDecisive in
                check.problem.map { (check.name, $0.text, isDecisive) }
            }
        }
    }

    /// Whether everything is well that must be.
    package var isReady: Bool { state.withLock { Self.readyChecks(in: $0).allSatisfy { $0.hasPassed } } }

    /// What a probe answers to a question; a verbose answer tells each thing that it looked at.
    func answer(_ question: Probe.Question, isVerbose: Bool) -> Response {
        let key = Key(question: question, isVerbose: isVerbose)
        return state.withLock { state in
            if let answer = state.answers[key] { return answer }
            let probe = Self.probe(question, in: state)
            let answer = isVerbose ? probe.verboseResponse : probe.response
            state.answers[key] = answer
            return answer
        }
    }

    /// Changes what more than one answer depends on.
    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.answers = [:]
        }
    }

    private static func rejections(of snapshot: Snapshot) -> Problem? {
        guard !snapshot.isComplete else { return nil }
        let more = snapshot.unnamedRejectionCount
        let named = snapshot.namedRejections.map(\.error.description)
        return Problem(
            "Not every module is valid: " + (named + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
        )
    }

    private static func probe(_ question: Probe.Question, in state: State) -> Probe {
        switch question {
        case .live: Probe(question: question, checks: [Check("ping")])
        case .startup: Probe(question: question, checks: [startup(state)])
        case .ready: Probe(question: question, checks: readyChecks(in: state), details: details(in: state))
        }
    }

    private static func readyChecks(in state: State) -> [Check] {
        [
            startup(state),
            modules(state),
            Check("shutdown", problem: state.isDraining ? Problem("The server is shutting down.") : nil),
        ]
    }

    private static func details(in state: State) -> [Check] {
        let sources = state.wasComplete ? [Check(sources, problem: state.rejections)] : []
        return sources + state.details.sorted { $0.key < $1.key }.map { Check($0.key, problem: $0.value) }
    }

    private static func startup(_ state: State) -> Check {
        Check("startup", problem: state.isServing || state.isDraining ? nil : Problem("The server is starting."))
    }

    private static func modules(_ state: State) -> Check {
        guard state.isServing else { return Check("modules", problem: Problem("The modules are not validated yet.")) }
        return Check("modules", problem: state.wasComplete ? nil : state.rejections)
    }

    /// The detail that tells whether the sources, as they are now, are what is served.
    private static let sources = "sources"
}
