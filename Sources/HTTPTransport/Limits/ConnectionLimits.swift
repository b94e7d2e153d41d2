// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// How many connections a listener may have, and how much one may make the server hold or read.
package struct ConnectionLimits: Sendable {
    /// What becomes of who comes when there are as many connections as there may be.
    enum WhenFull: Sendable {
        /// It waits in the system's queue until one has ended, and some are made to end.
        case wait
        /// It takes the place of one that nobody misses, at once.
        case replace
    }

    /// Open connections.
    package var count = 4096
    /// What becomes of further ones.
    var whenFull = WhenFull.wait
    /// Open connections of one client address, further ones of which are closed at once; nil for any number.
    package var countPerAddress: Int?
    /// What is read and thrown away after the last answer on a connection, in bytes: there is no other way in which the
    /// content of a request is read.
    package var discarded = 1 << 20
    /// How much of an answer is handed over at a time where it has to be copied, which is for TLS, in bytes.
    package var bufferedOutput = 128 << 10
    /// The share of one client address in the connections, beyond which its slowest answers make room first: one in so many.
    var shares = 128
    /// How slowly a client may take its answers, in bytes a second, without making room whatever its share: it would not have
    /// a module before it gives up.
    var slowPace = 16 << 10
    /// How long a new connection is left in peace while others wait for its place.
    var newcomerGrace = TimeAmount.milliseconds(250)

    /// The documented defaults.
    package init() {}
}
