// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import Synchronization

/// A thread that does one thing after another, and is there before there is anything to do.
///
/// An event loop may hand it work. A queue of Dispatch would make the loop wait whenever the system can make no thread.
package final class DedicatedThread: Sendable {
    /// What is done on it.
    package typealias Work = @Sendable () -> Void

    /// What the thread knows: not its owner, as it ends when that does.
    private final class Desk: Sendable {
        private struct State {
            var work: [Work] = []
            var isOver = false
        }

        private let state = Mutex(State())
        private let call = DispatchSemaphore(value: 0)

        func add(_ work: @escaping Work) {
            state.withLock { $0.work.append(work) }
            call.signal()
        }

        func end() {
            state.withLock { $0.isOver = true }
            call.signal()
        }

        func run() {
            while true {
                call.wait()
                let (work, isOver) = state.withLock { state in
                    defer { state.work = [] }
                    return (state.work, state.isOver)
                }
                for work in work { work() }
                if isOver { return }
            }
        }
    }

    private let desk = Desk()

    /// Makes the thread, and waits for that if the system cannot at the moment.
    package init(label: String) {
        DispatchQueue(label: label).async { [desk] in desk.run() }
    }

    deinit {
        desk.end()
    }

    /// Queues something to be done on it, behind everything before; it never waits.
    package func perform(_ work: @escaping Work) {
        desk.add(work)
    }
}
