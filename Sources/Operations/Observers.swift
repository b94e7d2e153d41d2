// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// Several observers of one listener.
package struct Observers: ExchangeObserver, ConnectionObserver {
    private let exchanges: [any ExchangeObserver]
    private let connections: [any ConnectionObserver]
    private let havePeers: Bool

    /// Observers that are told in the order given; without peers, nobody who claims to be one is taken for one.
    package init(
        exchanges: [any ExchangeObserver],
        connections: [any ConnectionObserver],
        havePeers: Bool = true
    ) {
        self.exchanges = exchanges
        self.connections = connections
        self.havePeers = havePeers
    }

    /// Tells each of them of an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        // An exchange is not copied for the question: most of them say nothing of peers.
        guard !havePeers, exchange.request?.isOwn ?? false else {
            tell(exchange)
            return
        }
        tell(exchange.asForeign)
    }

    private func tell(_ exchange: Exchange) {
        for observer in exchanges { observer.exchangeEnded(exchange) }
    }

    /// Tells each of them of an event.
    package func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        for observer in connections { observer.connectionChanged(event, circumstances) }
    }
}
