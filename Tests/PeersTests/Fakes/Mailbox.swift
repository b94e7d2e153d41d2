// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Synchronization

/// Collects what comes from any thread.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// What has come so far.
    var all: [Item] { state.withLock { $0.items } }

    func put(_ item: Item) {
        let satisfied = state.withLock { state in
            state.items.append(item)
            let count = state.items.count
            let satisfied = state.waiting.filter { $0.count <= count }
            state.waiting.removeAll { $0.count <= count }
            return satisfied
        }
        for waiter in satisfied { waiter.continuation.resume() }
    }

    /// Waits until so many have come.
    func await(count: Int) async {
        await withCheckedContinuation { continuation in
            let isSo = state.withLock { state in
                let isSo = state.items.count >= count
                if !isSo { state.waiting.append((count, continuation)) }
                return isSo
            }
            if isSo { continuation.resume() }
        }
    }
}
