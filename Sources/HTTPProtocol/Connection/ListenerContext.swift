// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

/// Is told of a listener's exchanges and of its connections.
package typealias ListenerObserver = ExchangeObserver & ConnectionObserver

/// What every connection of a listener on one thread shares: who answers, who observes, and how much is allowed.
package final class ListenerContext {
    /// Gives the answers.
    package let responder: any Responder
    /// Is told what happens.
    package let observer: any ListenerObserver
    /// What clients may do.
    package let limits: Limits
    /// Tells the time.
    package let now: @Sendable () -> Moment
    /// The `Date` field.
    package let date: DateField
    /// Which request fields are read besides those that every service reads.
    package let selection: FieldSelection
    /// What requests have in common.
    let texts = RecentTexts()
    /// The last head that was read of HTTP/1.x.
    let recentHead = RecentHead()

    /// A context from its parts.
    package init(
        responder: any Responder,
        observer: any ListenerObserver,
        limits: Limits,
        date: DateField,
        selection: FieldSelection
    ) {
        (self.responder, self.observer, self.limits) = (responder, observer, limits)
        (self.date, self.selection) = (date, selection)
        now = limits.deadlines.now
    }
}
