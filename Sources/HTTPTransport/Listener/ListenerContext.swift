// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials
package import HTTPService

/// Is told of a listener's exchanges and of its connections.
package typealias ListenerObserver = ExchangeObserver & ConnectionObserver

/// What every connection of a listener on one event loop shares: who answers, who observes, and how much is allowed.
struct ListenerContext: Sendable {
    let responder: any Responder
    let observer: any ListenerObserver
    let limits: Limits
    let date: DateField
    /// Which request fields are read besides those that every service reads.
    let selection: FieldSelection
}

/// What makes a listener speak TLS.
package struct TransportSecurity: Sendable {
    /// Who the server is, and which clients may fetch; each connection gets those of the moment.
    package let credentials: TLSCredentials
    /// Which of the clients that have a valid certificate may fetch.
    package let allowedClients: AllowedClients

    /// Security from its parts.
    package init(credentials: TLSCredentials, allowedClients: AllowedClients) {
        self.credentials = credentials
        self.allowedClients = allowedClients
    }
}
