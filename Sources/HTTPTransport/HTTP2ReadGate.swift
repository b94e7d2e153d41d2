// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Holds requests back from a client that asks on and takes no answers: their heads wait in memory, outside of any window.
///
/// What was received waits as bytes in ``HTTP2FrameMeter``, nothing further is read, and both go on when the socket takes bytes
/// again. It lives on the connection's event loop.
final class HTTP2ReadGate {
    /// How many answers may be under way while the socket takes nothing.
    private static let mostAnswers = 100

    private let connection: Connection
    private let streams: HTTP2Streams
    /// Whether a read waits.
    private(set) var holdsRead = false

    init(_ connection: Connection, _ streams: HTTP2Streams) {
        self.connection = connection
        self.streams = streams
    }

    /// Whether more requests may come now.
    var isOpen: Bool { connection.isWritable || streams.answers < Self.mostAnswers }

    /// Whether more may be read now; if not, ``takeRead()`` tells when the gate is open.
    func mayRead() -> Bool {
        if !isOpen { holdsRead = true }
        return isOpen
    }

    /// Whether a read has waited for the gate, which is open again.
    func takeRead() -> Bool {
        defer { holdsRead = false }
        return holdsRead
    }
}
