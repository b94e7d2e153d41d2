// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Collects what comes from any thread.
package final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var waiting: [Waiter] = []
    }

    private struct Waiter {
        let count: Int
        let matches: @Sendable (Item) -> Bool
        let continuation: CheckedContinuation<Void, Never>

        func isSatisfied(by items: [Item]) -> Bool { items.count(where: matches) >= count }
    }

    private let state = Mutex(State())

    /// A mailbox that nothing has come to.
    package init() {}

    /// What has come so far.
    package var all: [Item] { state.withLock { $0.items } }

    /// Adds an item, and lets those go on who waited for it.
    package func put(_ item: Item) {
        let satisfied = state.withLock { state in
            state.items.append(item)
            let items = state.items
            let satisfied = state.waiting.filter { $0.isSatisfied(by: items) }
            state.waiting.removeAll { $0.isSatisfied(by: items) }
            return satisfied
        }
        for waiter in satisfied { waiter.continuation.resume() }
    }

    /// Waits until so many have come that are as wanted.
    package func await(count: Int, where matches: @escaping @Sendable (Item) -> Bool = { _ in true }) async {
        await withCheckedContinuation { continuation in
            let waiter = Waiter(count: count, matches: matches, continuation: continuation)
            let isSatisfied = state.withLock { state in
                let isSatisfied = waiter.isSatisfied(by: state.items)
                if !isSatisfied { state.waiting.append(waiter) }
                return isSatisfied
            }
            if isSatisfied { continuation.resume() }
        }
    }
}
