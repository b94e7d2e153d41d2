// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ModuleCatalog
internal import Synchronization

/// Whether the server is ready, as its probes say it.
package final class Readiness: Sendable {
    private struct State {
        var isDraining = false
        /// Why modules that were found are not served; nil before anything is.
        var refusals: [String]?
        /// What else is reported, by name, and what is wrong with it.
        var details: [String: String?] = [:]
    }

    private let state = Mutex(State())

    /// A server that is starting.
    package init() {}

    /// The data port is open and answers from a snapshot.
    package func begin(serving snapshot: Snapshot) {
        let refusals = snapshot.refused.map(\.error.description)
        state.withLock { $0.refusals = refusals }
    }

    /// A shutdown has begun.
    package func drain() {
        state.withLock { $0.isDraining = true }
    }

    /// Reports something that does not make the server unready, such as a new certificate that cannot be used.
    ///
    /// - Parameters:
    ///   - detail: What it is about, in a word.
    ///   - problem: What is wrong with it; nil if nothing is, any more.
    package func report(_ detail: String, problem: String?) {
        state.withLock { $0.details[detail] = .some(problem) }
    }

    /// Whether everything is well that must be.
    var isReady: Bool { readyChecks.allSatisfy { $0.hasPassed } }

    /// What decides whether the server has started; a shutdown takes nothing back.
    var startupChecks: [Check] { state.withLock { [Self.startup($0)] } }

    /// What decides whether the server is ready.
    var readyChecks: [Check] {
        state.withLock { state in
            [
                Self.startup(state),
                Self.modules(state),
                Check("shutdown", problem: state.isDraining ? "The server is shutting down." : nil),
            ]
        }
    }

    /// What is reported beside that.
    var details: [Check] {
        state.withLock { $0.details }.sorted { $0.key < $1.key }.map { Check($0.key, problem: $0.value) }
    }

    private static func startup(_ state: State) -> Check {
        Check("startup", problem: state.refusals != nil || state.isDraining ? nil : "The server is starting.")
    }

    private static func modules(_ state: State) -> Check {
        guard let refusals = state.refusals else { return Check("modules", problem: "Nothing is verified yet.") }
        let problem = "Not everything could be verified: \(refusals.joined(separator: "; "))"
        return Check("modules", problem: refusals.isEmpty ? nil : problem)
    }
}
