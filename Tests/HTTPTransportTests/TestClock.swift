// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Synchronization

@testable import HTTPProtocol

/// A clock that stands still until a test has done what it has to do, and then makes a step at each look.
final class TestClock: Sendable {
    private struct State {
        var now = Moment.now
        var mayRun: @Sendable (Moment) -> Bool = { _ in false }
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let step: Duration

    init(step: Duration = .seconds(1)) {
        self.step = step
    }

    /// Lets the time begin to pass, for as long as something holds.
    func run(while condition: @escaping @Sendable () -> Bool = { true }) {
        state.withLock { $0.mayRun = { _ in condition() } }
    }

    /// Lets so much time pass.
    func run(for time: Duration) {
        state.withLock { state in
            let end = state.now + time
            state.mayRun = { $0 < end }
        }
    }

    /// Lets so much time pass, and waits for it: somebody has to look at the clock meanwhile.
    func pass(_ time: Duration) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting = continuation }
            run(for: time)
        }
    }

    /// Makes one step, and stands still again.
    func advance() {
        state.withLock { $0.now = $0.now + step }
    }

    /// The time; each time that it is asked for, it is later.
    func now() -> Moment {
        let (now, passed) = state.withLock { state -> (Moment, CheckedContinuation<Void, Never>?) in
            guard state.mayRun(state.now) else { return (state.now, state.waiting.take()) }
            state.now = state.now + step
            return (state.now, nil)
        }
        passed?.resume()
        return now
    }
}
