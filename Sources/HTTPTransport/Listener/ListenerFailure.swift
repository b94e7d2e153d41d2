// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Why a port is no longer open although nobody has ended it.
///
/// accept(2) passes on whatever the network has against a connection, and a firewall's refusal; swift-nio closes the listening socket
/// for most of that.
package struct ListenerFailure: Error, CustomStringConvertible {
    /// The address and port.
    let address: String
    /// What accept(2) said; nil if nothing was heard.
    let cause: String?

    /// The port, the reason and what follows.
    package var description: String {
        """
        the system accepts no more connections at \(address) (\(cause ?? "no reason is known")); the server ends, to be started \
        again
        """
    }

    /// What was heard last of a listening socket.
    final class Cause: Sendable {
        private let text = Mutex<String?>(nil)

        /// What was heard last; nil if nothing was.
        var last: String? { text.withLock { $0 } }

        /// Records an error of accept(2).
        func heard(_ error: any Error) {
            text.withLock { $0 = "\(error)" }
        }
    }
}
