// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService

/// How it ends: as its protocol has it, and so that its client loses nothing that it was sent.
extension Connection {
    /// Ends the connection as soon as that loses nothing.
    func end(_ reason: EndReason) {
        mustEnd = reason
        switch phase {
        case .opening:
            switch reason {
            case .shutdown, .age: openingEnd = openingEnd ?? now + listener.limits.deadlines.roundTrip
            case .lateHead, .idle: endOpening()
            }
        case .speaking: step { $0.end(reason, $1) }
        case .lingering, .closed: break
        }
    }

    /// Ends the connection while it is not even clear what the client speaks; over TLS it learns that nothing follows (RFC 8446 §6.1).
    func endOpening() {
        guard case .opening(isShakingHands: false) = phase else { return close() }
        isEnding = true
        beginLingering(.idle)
    }

    func endIfDone(_ spoken: any ProtocolConnection) {
        guard case .speaking = phase, let ending = spoken.ending else { return }
        isEnding = true
        let mayCloseAtOnce = ending == .clientIsDone || ending == .lastAnswered
        if mayCloseAtOnce, socket.mayCloseAtOnce { return close(resets: false) }
        beginLingering(ending)
    }

    func beginLingering(_ ending: ConnectionEnding) {
        lingeringClose = LingeringClose(ending, discarding: listener.limits.connections.discarded, at: now)
        phase = .lingering
        socket.shutOutput()
    }

    /// Closes the socket if the client has taken everything and needs no more time.
    func linger() {
        guard case .lingering = phase else { return }
        let isTaken = !socket.hasUnacknowledgedOutput
        let isOver = lingeringClose?.isOver(isTaken: isTaken, at: now) ?? true
        if isOver || (inputHasEnded && isTaken) { close(resets: !isTaken) }
    }

    /// Closes the socket without further ado.
    ///
    /// What the client has not taken is lost: a closed socket whose client takes nothing would hold its memory for minutes, and nobody
    /// would count it.
    func close() {
        // Its descriptor may be another's already.
        guard !isClosed else { return }
        close(resets: socket.hasUnacknowledgedOutput)
    }

    func close(resets: Bool) {
        guard !isClosed else { return }
        phase = .closed
        isEnding = true
        if let spoken {
            let output = output ?? (hasTurn ? sharedOutput : OutputQueue())
            spoken.connectionEnded(Turn(now: now, output: output))
        }
        if output != nil { keep(nil) }
        socket.close(resets: resets)
    }

    /// Records that the socket is closed.
    func socketClosed() {
        close()
        registry.remove(self)
        tell(.closed)
    }
}
