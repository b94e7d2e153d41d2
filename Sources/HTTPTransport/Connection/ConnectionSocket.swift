// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService

/// The socket of a connection, as its driver has it: the reactor's own, or a channel of SwiftNIO.
///
/// It is used on the connection's thread.
protocol ConnectionSocket: AnyObject {
    /// Hands the beginning of what is to be sent to the system, as much as it takes at a time, and takes that off.
    func send(_ output: OutputQueue) -> SendOutcome
    /// Gives back what it needed only until the client took its answer, if it has; called four times a second.
    func check()
    /// Receives again: for a while, what came could not be used.
    func resumeReceiving()
    /// Whether the client has taken everything and has sent nothing more, so that it loses nothing if the socket is closed now.
    var mayCloseAtOnce: Bool { get }
    /// Closes the sending side, behind what was sent.
    func shutOutput()
    /// Closes the socket; what the client has not acknowledged is lost if `resets`.
    func close(resets: Bool)
    /// Calls `receiver` with an answer when it comes, on the connection's thread and never before this returns, whether the
    /// connection is still open then or not.
    func whenDelivered(_ response: DeferredResponse, _ receiver: @escaping (Response) -> Void)

    /// What the client has acknowledged of all that it was sent, in bytes; nil if the system does not tell.
    var acknowledged: Int? { get }
    /// Whether the system holds something for the client that it has not acknowledged; false where the system does not tell.
    var hasUnacknowledgedOutput: Bool { get }
}

/// What became of an attempt to send.
enum SendOutcome {
    /// Some of it was taken, and more may be.
    case sent
    /// Perhaps some of it was taken, and no more is for now: ``Connection/socketTakesOutput()`` is called when that changes.
    case blocked
    /// The connection is broken.
    case failed
}
