// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Holds frames back from a client that sends on and takes no answers: what they cause is outside of any window.
struct HTTP2OutputGate {
    /// How many answers may be under way while the socket takes nothing.
    private static let mostAnswers = 100
    /// How many bytes wait then that the socket has not taken.
    private static let mostBytes = 64 << 10
    /// After how many frames without content the socket has to take them.
    private static let mostFrames = 100

    /// How many bytes of content are copied until the socket has taken everything.
    private static let mostCopied = 32 << 10

    /// How many frames without content were added since the output was last seen empty.
    private var frames = 0
    /// How many bytes of content were copied since then.
    private var copied = 0
    /// Whether nothing more may come until the socket has taken everything.
    private var isFull = false
    /// Whether something waits for the gate.
    var holdsInput = false

    /// Records frames without content; those with content are bounded by the client's windows.
    mutating func framesWereAdded(_ count: Int) {
        frames += count
    }

    /// Records content that was copied.
    mutating func contentWasCopied(_ count: Int) {
        copied += count
    }

    /// Whether more content may be copied; if not, it is sent from where it is.
    var hasRoomForCopies: Bool { copied < Self.mostCopied }

    /// Whether another frame may be looked at now.
    mutating func isOpen(_ output: OutputQueue, answers: Int) -> Bool {
        if output.isEmpty {
            (frames, copied, isFull) = (0, 0, false)
        } else if frames >= Self.mostFrames {
            isFull = true
        }
        return !isFull && (answers < Self.mostAnswers || output.byteCount < Self.mostBytes)
    }
}
