// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import TestSupport

extension LiveServer {
    /// Remembers every exchange, and what happened to connections.
    final class Recorder: ExchangeObserver, ConnectionObserver {
        private let ended = Mailbox<Exchange>()
        private let told = Mailbox<(event: ConnectionEvent, circumstances: ConnectionEvent.Circumstances)>()

        var events: [ConnectionEvent] { told.all.map(\.event) }

        /// Who the clients are of whom something was told by name.
        var identities: [String] { told.all.compactMap(\.circumstances.identity) }

        /// What was told of handshakes that failed and of clients that were refused, besides of the reason.
        var failures: [ConnectionEvent.Circumstances] {
            told.all.compactMap { event, circumstances in
                switch event {
                case .handshakeFailed, .refused: circumstances
                default: nil
                }
            }
        }

        /// Waits until something has happened, to so many connections.
        func awaitEvent(_ event: ConnectionEvent, count: Int = 1) async {
            await told.await(count: count) { $0.event == event }
        }

        var exchanges: [Exchange] { ended.all }

        /// Waits until so many exchanges have ended.
        func awaitExchanges(_ count: Int) async { await ended.await(count: count) }

        func exchangeEnded(_ exchange: Exchange) { ended.put(exchange) }

        func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
            told.put((event, circumstances))
        }
    }
}
