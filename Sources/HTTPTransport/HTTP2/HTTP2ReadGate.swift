// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Holds requests back from a client that asks on and takes no answers: their heads wait in memory, outside of any window.
///
/// What was received waits as bytes in ``HTTP2FrameMeter``, nothing further is read, and both go on when the socket takes bytes
/// again. It lives on the connection's event loop.
final class HTTP2ReadGate {
    /// How many answers may be under way while the socket takes nothing.
    private static let mostAnswers = 100
    /// After how many frames it is looked whether the socket takes them: however few bytes one has, it takes most of a kilobyte
    /// while it waits.
    private static let mostFrames = 100

    private let connection: Connection
    private let streams: HTTP2Streams
    /// How many frames without content were written since the socket was last seen to have taken all.
    private var frames = 0
    /// Whether nothing more may come until the socket has taken all that was written.
    private var isFull = false
    /// Whether a read waits.
    private(set) var holdsRead = false

    init(_ connection: Connection, _ streams: HTTP2Streams) {
        self.connection = connection
        self.streams = streams
    }

    /// Whether more requests may come now.
    var isOpen: Bool { !isFull && (connection.isWritable || streams.answers < Self.mostAnswers) }

    /// Records that a frame was written, other than one of content, which the client's windows bound.
    func frameWasWritten() { frames += 1 }

    /// Whether more of what was received may be passed on now; what was written is sent first if that is much.
    func mayPass() -> Bool {
        if frames >= Self.mostFrames, !isFull {
            connection.flush()
            if connection.unsentBytes == 0 { frames = 0 } else { isFull = true }
        }
        return isOpen
    }

    /// Opens the gate again if it was closed and the socket has taken all that was written; returns whether it did.
    func reopenIfPossible() -> Bool {
        guard isFull, connection.unsentBytes == 0 else { return false }
        (frames, isFull) = (0, false)
        return true
    }

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
