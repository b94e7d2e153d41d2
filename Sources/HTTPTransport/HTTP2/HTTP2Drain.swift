// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOHTTP2

/// How far the graceful shutdown of an HTTP/2 connection has got (RFC 9113 §6.8).
///
/// 1. It is announced by a GOAWAY that names no stream, and a PING.
/// 2. When the PING comes back, every request is here that was sent before the client knew: a second GOAWAY names the last.
/// 3. When all of them are answered, the connection ends.
struct HTTP2Drain {
    private enum State {
        case notBegun
        case announced
        case final
    }

    /// What the PING carries.
    static let ping = HTTP2PingData(withInteger: 0x7761_736d_6472_6169)

    private var state = State.notBegun

    /// Whether no other request will be answered.
    var isFinal: Bool { state == .final }

    /// Begins it.
    ///
    /// - Returns: Whether it is to be announced; it is not if it was, or if the client leaves by itself.
    mutating func begin() -> Bool {
        guard state == .notBegun else { return false }
        state = .announced
        return true
    }

    /// Goes on, now that the PING has come back or was waited for long enough.
    ///
    /// - Returns: Whether the last stream is to be named.
    mutating func roundTripEnded() -> Bool {
        guard state == .announced else { return false }
        state = .final
        return true
    }

    /// Takes note that the client has sent a GOAWAY: it will ask for nothing more.
    mutating func clientLeaves() {
        state = .final
    }
}
