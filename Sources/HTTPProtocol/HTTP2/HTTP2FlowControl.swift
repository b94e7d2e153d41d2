// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How much content both sides may send on a connection, all streams together (RFC 9113 §6.9).
struct HTTP2FlowControl {
    /// How much the client allows to be sent now, in bytes.
    private(set) var window = 65_535
    /// How much was sent, in bytes.
    private(set) var sent = 0
    /// How much the client may still send, in bytes.
    private var clientWindow = HTTP2Opening.connectionWindow

    /// Records content that is sent.
    mutating func sends(_ count: Int) {
        window -= count
        sent += count
    }

    /// Records that the client allows more.
    mutating func windowGrew(by increment: Int) throws(HTTP2ConnectionError) {
        window += increment
        guard window <= HTTP2ClientSettings.largestWindow else {
            throw HTTP2ConnectionError(.flowControlError, "the connection's window is beyond 2^31-1")
        }
    }

    /// Records the payload of a DATA frame, which is thrown away; by how much the client's window is to grow, if it is.
    mutating func receives(_ length: Int) throws(HTTP2ConnectionError) -> Int? {
        clientWindow -= length
        guard clientWindow >= 0 else {
            throw HTTP2ConnectionError(.flowControlError, "more content came than the connection's window allows")
        }
        let missing = HTTP2Opening.connectionWindow - clientWindow
        guard missing > HTTP2Opening.connectionWindow / 2 else { return nil }
        clientWindow += missing
        return missing
    }
}
