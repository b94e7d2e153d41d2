// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Synchronization

extension LiveServer {
    /// Remembers every exchange, and what happened to connections.
    final class Recorder: ExchangeObserver, ConnectionObserver {
        private let recorded = Mutex<[Exchange]>([])
        private let told = Mutex<Told>(Told())

        private struct Told {
            var events: [ConnectionEvent] = []
            var identities: [String] = []
            var waiting: [(event: ConnectionEvent, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

            func count(of event: ConnectionEvent) -> Int { events.count { $0 == event } }
        }

        var events: [ConnectionEvent] { told.withLock { $0.events } }

        /// Who the clients are of whom something was told by name.
        var identities: [String] { told.withLock { $0.identities } }

        /// Waits until something has happened, to so many connections.
        func awaitEvent(_ event: ConnectionEvent, count: Int = 1) async {
            await withCheckedContinuation { continuation in
                let hasHappened = told.withLock { told in
                    let hasHappened = told.count(of: event) >= count
                    if !hasHappened { told.waiting.append((event, count, continuation)) }
                    return hasHappened
                }
                if hasHappened { continuation.resume() }
            }
        }

        var exchanges: [Exchange] { recorded.withLock { $0 } }

        func exchangeEnded(_ exchange: Exchange) {
            recorded.withLock { $0.append(exchange) }
        }

        func connectionChanged(_ event: ConnectionEvent, client: String?, identity: String?) {
            let waiting = told.withLock { told in
                told.events.append(event)
                if let identity { told.identities.append(identity) }
                let count = told.count(of: event)
                let waiting = told.waiting.filter { $0.event == event && $0.count <= count }
                told.waiting.removeAll { $0.event == event && $0.count <= count }
                return waiting
            }
            for waiter in waiting { waiter.continuation.resume() }
        }
    }
}
