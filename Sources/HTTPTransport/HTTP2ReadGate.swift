// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Holds reading back from a client that asks on and takes no answers: their heads wait in memory, outside of any window.
struct HTTP2ReadGate {
    /// How many answers may wait for a client that reads nothing until nothing more is read of it either.
    private static let mostAnswersSinceFull = 100

    /// Whether a read waits.
    private(set) var holdsRead = false
    private var answersSinceFull = 0

    /// Counts an answer that was begun while the socket took nothing.
    mutating func answerBegan() {
        answersSinceFull += 1
    }

    /// Whether more may be read now; if not, ``socketHasRoom()`` tells when.
    mutating func mayRead() -> Bool {
        guard answersSinceFull >= Self.mostAnswersSinceFull else { return true }
        holdsRead = true
        return false
    }

    /// Opens the gate, as the socket takes bytes again.
    ///
    /// - Returns: Whether a read has waited for it.
    mutating func socketHasRoom() -> Bool {
        answersSinceFull = 0
        defer { holdsRead = false }
        return holdsRead
    }
}
