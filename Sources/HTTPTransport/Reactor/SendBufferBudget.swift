// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
internal import Synchronization

/// Says for which connections of a port the system may hold as much as it likes.
///
/// Left alone, it takes up to 4 MiB of an answer (`tcp_wmem`) before the client does. That saves a client that reads quickly most
/// of the wake-ups that its module would take. But all of it counts as memory of the server's control group, even what sendfile(2) only
/// refers to, and a client that stops reading keeps it until it is cut. So that is for a few at a time.
final class SendBufferBudget: Sendable {
    private let left: Atomic<Int>

    /// How many connections have it at a time: their buffers take up to 32 MiB.
    private static let count = 8

    /// A budget of which nothing is taken.
    init() { left = Atomic(Self.count) }

    /// Takes a part for a connection; false if there is none left.
    func take() -> Bool {
        guard left.load(ordering: .relaxed) > 0 else { return false }
        guard left.subtract(1, ordering: .relaxed).newValue < 0 else { return true }
        giveBack()
        return false
    }

    /// Gives a connection's part back.
    func giveBack() { left.add(1, ordering: .relaxed) }
}
#endif
