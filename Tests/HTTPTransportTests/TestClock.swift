// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Synchronization

/// A clock that stands still until a test has done what it has to do, and then makes a step at each look.
final class TestClock: Sendable {
    private struct State {
        var now = NIODeadline.now()
        var isRunning = false
    }

    private let state = Mutex(State())
    private let step: TimeAmount

    init(step: TimeAmount = .seconds(1)) {
        self.step = step
    }

    /// Lets the time begin to pass.
    func run() {
        state.withLock { $0.isRunning = true }
    }

    /// The time; each time that it is asked for, it is later.
    func now() -> NIODeadline {
        state.withLock { state in
            if state.isRunning { state.now = state.now + step }
            return state.now
        }
    }
}
