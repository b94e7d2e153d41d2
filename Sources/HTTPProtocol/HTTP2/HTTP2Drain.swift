// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How far the graceful shutdown of an HTTP/2 connection has got (RFC 9113 §6.8).
///
/// 1. It is announced by a GOAWAY that names no stream, and a PING.
/// 2. When the PING comes back, every request is here that was sent before the client knew: a second GOAWAY names the last.
/// 3. When all of them are answered, the connection ends.
struct HTTP2Drain {
    private enum State {
        case notBegun
        /// When the client's answer is no longer waited for.
        case announced(until: Moment)
        case final
    }

    /// What the PING carries.
    static let ping = Array("wasmdrai".utf8)

    private var state = State.notBegun
    /// The last stream that a GOAWAY has named: those behind it are not looked at.
    private(set) var lastStream: UInt32?

    /// Whether the connection ends when every request is answered.
    var isFinal: Bool { if case .final = state { true } else { false } }

    /// Begins it; whether it is to be announced: not if it was, or if the client leaves by itself.
    mutating func begin(until end: Moment) -> Bool {
        guard case .notBegun = state else { return false }
        state = .announced(until: end)
        return true
    }

    /// Whether the PING was waited for long enough.
    func isOverdue(at now: Moment) -> Bool {
        guard case .announced(let end) = state else { return false }
        return now >= end
    }

    /// Goes on, now that the PING has come back or was waited for long enough; whether the last stream is to be named.
    mutating func roundTripEnded(at stream: UInt32) -> Bool {
        guard case .announced = state else { return false }
        (state, lastStream) = (.final, stream)
        return true
    }

    /// Records that the client has sent a GOAWAY: it will ask for nothing more.
    mutating func clientLeaves() {
        state = .final
    }
}
