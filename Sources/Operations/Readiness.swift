// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ModuleCatalog
internal import Synchronization

/// Whether the server is ready, as its probes say it.
package final class Readiness: Sendable {
    private struct State {
        var isDraining = false
        /// Why modules that were found are not served; nil before anything is.
        var rejections: [String]?
        /// Whether everything that was found has been served at one time.
        var wasComplete = false
        /// What else is reported, by name, and what is wrong with it.
        var details: [String: String?] = [:]

        mutating func serve(_ snapshot: Snapshot) {
            rejections = snapshot.rejected.map(\.error.description)
            if snapshot.isComplete { wasComplete = true }
        }
    }

    private let state = Mutex(State())

    /// A server that is starting.
    package init() {}

    /// The data port is open and answers from a snapshot.
    package func begin(serving snapshot: Snapshot) {
        state.withLock { $0.serve(snapshot) }
    }

    /// The data port answers from another snapshot, if it is open.
    ///
    /// What is rejected at start makes the server unready, so that a rollout stops there. What is rejected later does not: the
    /// last good is served on, and so does everything else.
    package func serve(_ snapshot: Snapshot) {
        state.withLock { state in
            if state.rejections != nil { state.serve(snapshot) }
        }
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
        state.withLock { state in
            let sources = state.wasComplete ? [Check(Self.sources, problem: Self.problem(of: state))] : []
            return sources + state.details.sorted { $0.key < $1.key }.map { Check($0.key, problem: $0.value) }
        }
    }

    private static func startup(_ state: State) -> Check {
        Check("startup", problem: state.rejections != nil || state.isDraining ? nil : "The server is starting.")
    }

    private static func modules(_ state: State) -> Check {
        guard state.rejections != nil else { return Check("modules", problem: "The modules are not validated yet.") }
        return Check("modules", problem: state.wasComplete ? nil : problem(of: state))
    }

    /// The detail that tells whether the sources, as they are now, are what is served.
    private static let sources = "sources"

    private static func problem(of state: State) -> String? {
        guard let rejections = state.rejections, !rejections.isEmpty else { return nil }
        return "Not every module is valid: \(rejections.joined(separator: "; "))"
    }
}
