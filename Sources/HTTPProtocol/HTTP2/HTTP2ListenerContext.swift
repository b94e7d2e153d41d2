// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
internal import HTTPService

/// What the HTTP/2 connections of a listener on one thread share: of its context what each request needs, and where header blocks
/// are decoded, one after the other.
package final class HTTP2ListenerContext {
    /// How large a request's head may be.
    let head: HeadLimits
    /// What a client may do.
    let limits: HTTP2Limits
    /// How long it may take.
    let deadlines: Deadlines
    /// Which request fields are read besides those that every service reads.
    let selection: FieldSelection
    /// What requests have in common.
    let texts: RecentTexts
    /// The `Date` field.
    let date: DateField
    /// Is told of exchanges.
    let observer: any ExchangeObserver
    /// The octets of the field that is decoded.
    var octets = LiteralBuffer()

    /// What the connections of a listener share on a thread.
    package init(_ listener: ListenerContext) {
        (head, limits, deadlines) = (listener.limits.head, listener.limits.http2, listener.limits.deadlines)
        (selection, texts) = (listener.selection, listener.texts)
        (date, observer) = (listener.date, listener.observer)
    }
}
