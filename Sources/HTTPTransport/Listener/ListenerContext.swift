// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// Is told of a listener's exchanges and of its connections.
package typealias ListenerObserver = ExchangeObserver & ConnectionObserver

/// What every connection of a listener on one event loop shares: who answers, who observes, and how much is allowed.
struct ListenerContext: Sendable {
    let responder: any Responder
    let observer: any ListenerObserver
    let limits: Limits
    let date: DateField
}
