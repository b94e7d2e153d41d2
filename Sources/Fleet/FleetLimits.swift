// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How much is remembered of clients.
package struct FleetLimits: Sendable {
    /// The most clients; a sixteenth more at times, before those are forgotten that came the longest ago.
    package var clients: Int
    /// How long a client is remembered after it came last, in seconds.
    package var lifetime: Int64

    /// The most fetches that are remembered for each client there may be: one client may have many, if others have few.
    private static let fetchesPerClient = 16

    /// What all clients may weigh together: so many fetches, or fewer with long paths; at least as much as one client may.
    var weight: Int { max(clients * Self.fetchesPerClient, ClientRecord.mostWeight) }

    /// Limits.
    ///
    /// - Parameters:
    ///   - clients: The most clients.
    ///   - lifetime: How long a client is remembered after it came last.
    package init(clients: Int, lifetime: Duration) {
        (self.clients, self.lifetime) = (clients, lifetime.components.seconds)
    }
}
