// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// Several observers of one listener.
package final class Observers: ExchangeObserver, ConnectionObserver {
    /// Those of exchanges.
    package let exchanges: [any ExchangeObserver]
    /// Those of connections.
    package let connections: [any ConnectionObserver]

    /// Observers that are told in the order given.
    package init(exchanges: [any ExchangeObserver], connections: [any ConnectionObserver]) {
        self.exchanges = exchanges
        self.connections = connections
    }

    /// Tells each of them of an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        for observer in exchanges { observer.exchangeEnded(exchange) }
    }

    /// Tells each of them of an event.
    package func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        for observer in connections { observer.connectionChanged(event, circumstances) }
    }
}
