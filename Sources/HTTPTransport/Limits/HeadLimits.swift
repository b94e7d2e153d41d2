// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How large a request's head may be.
///
/// On HTTP/2 the block is announced as SETTINGS_MAX_HEADER_LIST_SIZE, and a larger one ends the connection by a GOAWAY.
package struct HeadLimits: Sendable {
    /// The request line, and so the URL, in bytes (414 beyond).
    package var requestLine = 8 << 10
    /// One field line, in bytes (431 beyond).
    package var fieldLine = 8 << 10
    /// The whole block of lines, in bytes (431 beyond).
    package var block = 32 << 10
    /// The field lines (431 beyond).
    package var fieldCount = 64

    /// The documented defaults.
    package init() {}
}
