// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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

    /// The documented defaults.
    package init() {}
}
