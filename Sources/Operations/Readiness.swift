// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ModuleCatalog
internal import Synchronization

/// Whether the server is ready, as its probes say it.
package final class Readiness: Sendable {
    /// The stages of a server's life.
    enum Phase: Equatable {
        case starting
        case serving(refused: [String])
        case draining
    }

    private let state = Mutex(Phase.starting)

    /// A server that is starting.
    package init() {}

    /// The data port is open and answers from a snapshot.
    package func begin(serving snapshot: Snapshot) {
        state.withLock { $0 = .serving(refused: snapshot.refused.map(\.error.description)) }
    }

    /// A shutdown has begun.
    package func drain() {
        state.withLock { $0 = .draining }
    }

    var phase: Phase { state.withLock { $0 } }
}
