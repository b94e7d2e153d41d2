// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Synchronization

extension LiveServer {
    /// Remembers every exchange, and what happened to connections.
    final class Recorder: ExchangeObserver, ConnectionObserver {
        private let recorded = Mutex<Recorded>(Recorded())
        private let told = Mutex<Told>(Told())

        private struct Recorded {
            var exchanges: [Exchange] = []
            var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        }

        private struct Told {
            var events: [ConnectionEvent] = []
            var circumstances: [ConnectionEvent.Circumstances] = []
            var waiting: [(event: ConnectionEvent, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

            func count(of event: ConnectionEvent) -> Int { events.count { $0 == event } }
        }

        var events: [ConnectionEvent] { told.withLock { $0.events } }

        /// Who the clients are of whom something was told by name.
        var identities: [String] { told.withLock { $0.circumstances.compactMap(\.identity) } }

        /// What was told of handshakes that failed and of clients that were refused, besides of the reason.
        var failures: [ConnectionEvent.Circumstances] {
            told.withLock { told in
                zip(told.events, told.circumstances).compactMap { event, circumstances in
                    switch event {
                    case .handshakeFailed, .refused: circumstances
                    default: nil
                    }
                }
            }
        }

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

        var exchanges: [Exchange] { recorded.withLock { $0.exchanges } }

        /// Waits until so many exchanges have ended.
        func awaitExchanges(_ count: Int) async {
            await withCheckedContinuation { continuation in
                let haveEnded = recorded.withLock { recorded in
                    let haveEnded = recorded.exchanges.count >= count
                    if !haveEnded { recorded.waiting.append((count, continuation)) }
                    return haveEnded
                }
                if haveEnded { continuation.resume() }
            }
        }

        func exchangeEnded(_ exchange: Exchange) {
            let waiting = recorded.withLock { recorded in
                recorded.exchanges.append(exchange)
                let count = recorded.exchanges.count
                let waiting = recorded.waiting.filter { $0.count <= count }
                recorded.waiting.removeAll { $0.count <= count }
                return waiting
            }
            for waiter in waiting { waiter.continuation.resume() }
        }

        func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
            let waiting = told.withLock { told in
                told.events.append(event)
                told.circumstances.append(circumstances)
                let count = told.count(of: event)
                let waiting = told.waiting.filter { $0.event == event && $0.count <= count }
                told.waiting.removeAll { $0.event == event && $0.count <= count }
                return waiting
            }
            for waiter in waiting { waiter.continuation.resume() }
        }
    }
}
