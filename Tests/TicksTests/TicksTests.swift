// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Synchronization
import TestSupport
import Testing
import Ticks

@Suite("What is done now and then", .timeLimit(.minutes(5)))
struct TicksTests {
    @Test("is done again and again, and no more once its task is cancelled")
    func cancelled() async {
        let done = Mailbox<Void>()
        let task = Task { await Ticks.each(.milliseconds(1)) { done.put(()) } }
        await done.await(count: 3) { _ in true }
        task.cancel()
        await task.value
        let count = done.all.count
        // What else might have come is behind that.
        let other = Mailbox<Void>()
        let otherTask = Task { await Ticks.each(.milliseconds(1)) { other.put(()) } }
        await other.await(count: 3) { _ in true }
        otherTask.cancel()
        #expect(done.all.count == count)
    }

    @Test("is not done at all by a task that is cancelled before")
    func cancelledBefore() async {
        let done = Mailbox<Void>()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await Ticks.each(.seconds(3600)) { done.put(()) }
        }
        await task.value
        #expect(done.all.isEmpty)
    }

    @Test("is never done twice at a time")
    func once() async {
        let running = Atomic(0)
        let most = Atomic(0)
        let done = Mailbox<Void>()
        let task = Task {
            await Ticks.each(.microseconds(100)) {
                let count = running.add(1, ordering: .relaxed).newValue
                _ = most.max(count, ordering: .relaxed)
                // Longer than a period.
                for _ in 0..<10_000 { _ = running.load(ordering: .relaxed) }
                running.subtract(1, ordering: .relaxed)
                done.put(())
            }
        }
        await done.await(count: 20) { _ in true }
        task.cancel()
        await task.value
        #expect(most.load(ordering: .relaxed) == 1)
    }
}
