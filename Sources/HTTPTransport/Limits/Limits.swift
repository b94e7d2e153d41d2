// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// What a listener allows its clients, each with its documented default.
package struct Limits: Sendable {
    /// How large a request's head may be.
    package var head = HeadLimits()
    /// How many connections there may be, and how much one may make the server hold or read.
    package var connections = ConnectionLimits()
    /// What a client may do on an HTTP/2 connection.
    package var http2 = HTTP2Limits()
    /// How long a client may take.
    package var deadlines = Deadlines()
    /// Whether HTTP/2 is spoken beside HTTP/1.x.
    var includesHTTP2 = true

    /// The documented defaults.
    package init() {}

    /// The limits of a port of probes and metrics, for a kubelet and a few collectors.
    ///
    /// A probe has a second. So nobody can keep it from being answered: whoever comes has a place, requests and answers are
    /// short, and HTTP/1.1 is all that those clients speak.
    ///
    /// - Parameter connections: How many there may be.
    /// - Returns: The limits.
    package static func ofProbes(connections: Int) -> Limits {
        var limits = Limits()
        limits.connections.count = connections
        limits.connections.whenFull = .replace
        limits.deadlines.head = .seconds(2)
        limits.deadlines.answer = .seconds(5)
        limits.includesHTTP2 = false
        return limits
    }
}
