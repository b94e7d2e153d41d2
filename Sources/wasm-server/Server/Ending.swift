// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Who began a shutdown: whoever runs the server, or a person at a terminal.
///
/// A person who presses Ctrl-C does not wait for endpoints to propagate.
final class Ending: Sendable {
    private let isInterruption = Atomic(false)

    /// Notes that the signal is SIGINT.
    func interrupt() {
        isInterruption.store(true, ordering: .releasing)
    }

    /// Whether it was SIGINT.
    var isInterrupted: Bool { isInterruption.load(ordering: .acquiring) }
}
