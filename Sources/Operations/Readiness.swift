// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ModuleCatalog
internal import Synchronization

/// Whether the server is ready, as its probes say it.
///
/// What they answer is rendered when something changes, not when someone asks.
package final class Readiness: Sendable {
    private struct State {
        var isDraining = false
        /// Whether the data port answers.
        var isServing = false
        /// Why modules that were found are not served; nil if all are.
        var rejections: String?
        /// Whether everything that was found has been served at one time.
        var wasComplete = false
        /// What else is reported, by name, and what is wrong with it.
        var details: [String: String?] = [:]
        var answers: ProbeAnswers

        mutating func serve(_ snapshot: Snapshot) {
            isServing = true
            rejections = snapshot.isComplete ? nil : Self.text(of: snapshot)
            if snapshot.isComplete { wasComplete = true }
        }

        private static func text(of snapshot: Snapshot) -> String {
            let more = snapshot.unnamedRejectionCount
            let named = snapshot.namedRejections.map(\.error.description)
            return "Not every module is valid: "
                + (named + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
        }
    }

    private let state: Mutex<State>

    /// A server that is starting.
    package init() {
        var state = State(answers: ProbeAnswers(startup: [], ready: [], details: []))
        state.answers = Self.answers(in: state)
        self.state = Mutex(state)
    }

    /// The data port is open and answers from a snapshot.
    package func begin(serving snapshot: Snapshot) {
        change { $0.serve(snapshot) }
    }

    /// The data port answers from another snapshot, if it is open.
    ///
    /// What is rejected at start makes the server unready, so that a rollout stops there. What is rejected later does not: the
    /// last good is served on, and so does everything else.
    package func serve(_ snapshot: Snapshot) {
        change { state in
            if state.isServing { state.serve(snapshot) }
        }
    }

    /// A shutdown has begun.
    package func drain() {
        change { $0.isDraining = true }
    }

    /// Reports something that does not make the server unready, such as a new certificate that cannot be used.
    ///
    /// - Parameters:
    ///   - detail: What it is about, in a word.
    ///   - problem: What is wrong with it; nil if nothing is, any more.
    package func report(_ detail: String, problem: String?) {
        change { $0.details[detail] = .some(problem) }
    }

    /// Whether everything is well that must be.
    var isReady: Bool { state.withLock { Self.readyChecks(in: $0).allSatisfy { $0.hasPassed } } }

    /// What the probes answer.
    var answers: ProbeAnswers { state.withLock { $0.answers } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.answers = Self.answers(in: state)
        }
    }

    private static func answers(in state: State) -> ProbeAnswers {
        ProbeAnswers(startup: [startup(state)], ready: readyChecks(in: state), details: details(in: state))
    }

    private static func readyChecks(in state: State) -> [Check] {
        [
            startup(state),
            modules(state),
            Check("shutdown", problem: state.isDraining ? "The server is shutting down." : nil),
        ]
    }

    private static func details(in state: State) -> [Check] {
        let sources = state.wasComplete ? [Check(sources, problem: state.rejections)] : []
        return sources + state.details.sorted { $0.key < $1.key }.map { Check($0.key, problem: $0.value) }
    }

    private static func startup(_ state: State) -> Check {
        Check("startup", problem: state.isServing || state.isDraining ? nil : "The server is starting.")
    }

    private static func modules(_ state: State) -> Check {
        guard state.isServing else { return Check("modules", problem: "The modules are not validated yet.") }
        return Check("modules", problem: state.wasComplete ? nil : state.rejections)
    }

    /// The detail that tells whether the sources, as they are now, are what is served.
    private static let sources = "sources"
}
