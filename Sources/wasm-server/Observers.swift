// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Tells all who want to know of a listener's exchanges and connections.
struct Observers: ExchangeObserver, ConnectionObserver {
    let exchanges: [any ExchangeObserver]
    let connections: [any ConnectionObserver]

    func exchangeEnded(_ exchange: Exchange) {
        for observer in exchanges { observer.exchangeEnded(exchange) }
    }

    func connectionChanged(_ event: ConnectionEvent, client: String?, identity: String?) {
        for observer in connections { observer.connectionChanged(event, client: client, identity: identity) }
    }
}
