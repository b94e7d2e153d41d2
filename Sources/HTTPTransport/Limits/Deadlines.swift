// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// How long a client may take.
///
/// All but `stall` are absolute: further bytes do not extend them.
package struct Deadlines: Sendable {
    /// From accepting a connection to the end of its TLS handshake.
    var handshake = TimeAmount.seconds(5)
    /// From accepting a connection, or on TLS from the end of its handshake, to the end of the first head; then from the
    /// first byte of a head to its end.
    var head = TimeAmount.seconds(10)
    /// From one answer to the next request.
    var idle = TimeAmount.seconds(75)
    /// How long a client may take for each ``progress`` bytes of its answers.
    var stall = TimeAmount.seconds(20)
    /// How much of its answers a client must take in the time of ``stall``, in bytes.
    var progress = 16 << 10
    /// How long a client may take for the whole of an answer on HTTP/1.x, however fast it takes it; nil for any time.
    var answer: TimeAmount?
    /// How long an answer may take with a module that is no longer kept, if its memory is needed for another.
    var dropped = TimeAmount.seconds(30)
    /// How old a connection grows before it is ended gracefully, so that clients come to know new replicas and
    /// certificates.
    var age = TimeAmount.hours(1)
    /// How long a connection may go on once what it was authenticated with has changed or expired.
    var outdated = TimeAmount.minutes(1)
    /// Within which part of that connections are ended gracefully, one sooner than the other: those that began together
    /// should not come anew together, and each has the rest for an answer that is under way.
    var outdatedSpread = TimeAmount.seconds(30)

    /// Tells the time.
    var now: @Sendable () -> NIODeadline = { .now() }
    /// How often connections are looked at, which is how late a deadline may be noticed.
    var interval = TimeAmount.milliseconds(250)

    /// How long a connection that is to end waits for what may be on its way: first bytes, a request, or the answer to the PING
    /// behind HTTP/2's announcement (RFC 9113 §6.8).
    var roundTrip = TimeAmount.seconds(1)

    /// The documented defaults.
    package init() {}
}
