// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Synchronization

/// A clock that stands still until a test has done what it has to do, and then makes a step at each look.
final class TestClock: Sendable {
    private struct State {
        var now = NIODeadline.now()
        var mayRun: @Sendable () -> Bool = { false }
    }

    private let state = Mutex(State())
    private let step: TimeAmount

    init(step: TimeAmount = .seconds(1)) {
        self.step = step
    }

    /// Lets the time begin to pass, for as long as something holds.
    func run(while condition: @escaping @Sendable () -> Bool = { true }) {
        state.withLock { $0.mayRun = condition }
    }

    /// Makes one step, and stands still again.
    func advance() {
        state.withLock { $0.now = $0.now + step }
    }

    /// The time; each time that it is asked for, it is later.
    func now() -> NIODeadline {
        state.withLock { state in
            if state.mayRun() { state.now = state.now + step }
            return state.now
        }
    }
}
