// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol

/// The way in which connections end, so that the client can read all that it was sent (RFC 9112 §9.6).
///
/// Closing a socket resets the connection if input is unread or comes later (another request, a WINDOW_UPDATE), and then
/// the client loses what it has not read yet. So output is closed first, and input is read and thrown away until the client
/// closes too, sends too much, or its time is up. That begins when the client has taken what it was sent: until then it is watched
/// like any that is sent an answer.
struct LingeringClose {
    private let ending: ConnectionEnding
    private let begin: Moment
    /// Since when the client is known to have taken everything.
    private var takenSince: Moment?
    /// How much of the client's input may still be thrown away, in bytes.
    private var room: Int

    /// How long a client may take to close after us, when it has taken its answer.
    private static let answeredDuration = Duration.seconds(5)
    /// How long it may take where nothing was asked for, or where it broke the protocol.
    private static let idleDuration = Duration.seconds(1)

    /// The end of a connection, from now on; so many bytes of input may still be thrown away.
    init(_ ending: ConnectionEnding, discarding room: Int, at now: Moment) {
        (self.ending, self.room, begin) = (ending, room, now)
    }

    /// Throws input away; false if it is too much.
    mutating func discard(_ count: Int) -> Bool {
        room -= count
        return room >= 0
    }

    /// For how long the client has had everything, as far as is known; nil if it does not have it yet.
    func timeSinceTaken(at now: Moment) -> Duration? { takenSince.map { now - $0 } }

    /// Whether the socket is to be closed.
    ///
    /// - Parameters:
    ///   - isTaken: Whether the client has taken everything.
    ///   - now: The time.
    /// - Returns: Whether it is.
    mutating func isOver(isTaken: Bool, at now: Moment) -> Bool {
        if isTaken, takenSince == nil { takenSince = now }
        switch ending {
        case .clientIsDone: return isTaken
        case .failed: return now - begin > Self.idleDuration
        case .idle: return isTaken && now - begin > Self.idleDuration
        case .answered, .lastAnswered: return takenSince.map { now - $0 > Self.answeredDuration } ?? false
        }
    }
}
