// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// What a peer sends after its connection's last answer.
///
/// Closing a socket with unread input resets the connection, and the peer may lose the answer with it. So input is read
/// and thrown away for a while (RFC 9112 §9.6).
struct LingeringInput {
    /// How long.
    static let duration = TimeAmount.seconds(2)

    private var remaining: Int

    /// - Parameter limit: How many bytes at most.
    init(limit: Int) {
        remaining = limit
    }

    /// Counts bytes that are thrown away; false when the limit is passed.
    mutating func discards(_ count: Int) -> Bool {
        remaining -= count
        return remaining >= 0
    }
}
