// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Peers
internal import ServerClient

/// What `serve` is told of its peers.
struct PeerSettings: Equatable {
    /// Where they are found; at least one name.
    var names: [ServerName]
    /// The port of those that name none.
    var defaultPort: Int
    /// How long they may keep the server from being ready.
    var adoptTimeout: Duration
}
