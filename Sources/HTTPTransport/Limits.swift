// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How much one client may send before it is refused.
package struct Limits: Sendable {
    /// The request line, and so the URL, in bytes (414 beyond).
    package var requestLine = 8 << 10
    /// One field line, in bytes (431 beyond).
    package var fieldLine = 8 << 10
    /// A whole head, in bytes (431 beyond; on HTTP/2, where it is announced as SETTINGS_MAX_HEADER_LIST_SIZE, a GOAWAY).
    package var head = 32 << 10
    /// The field lines of a head (431 beyond).
    package var fieldCount = 64
    /// What is read and thrown away after the last answer on a connection, in bytes.
    package var discarded = 1 << 20
    /// Concurrent streams of an HTTP/2 connection.
    package var streams = 100

    /// The documented defaults.
    package init() {}
}
