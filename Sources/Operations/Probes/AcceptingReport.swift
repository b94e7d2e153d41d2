// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
package import HTTPService

/// Says, beside the answers to readiness probes, that a listener accepts no connection at present.
///
/// It does not make the server unready: a replica that many ask is worth more than none.
package final class AcceptingReport: ConnectionObserver {
    private let listener: Listener
    private let readiness: Readiness

    /// A report on a listener, on which all is well.
    package init(on listener: Listener, to readiness: Readiness) {
        self.listener = listener
        self.readiness = readiness
        report(nil)
    }

    /// Reports a pause, and its end.
    package func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        switch event {
        case .acceptingPaused(.connectionLimit): report("There are as many connections as there may be.")
        case .acceptingPaused(.systemLimit):
            report(
                "The system has no descriptor or memory for another connection; raise the limit of open files (ulimit -n), or of memory."
            )
        case .acceptingResumed: report(nil)
        default: break
        }
    }

    private func report(_ problem: String?) {
        readiness.report("accepting-\(listener.rawValue)", problem: problem)
    }
}
