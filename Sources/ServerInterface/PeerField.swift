// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The request field by which a replica says that it asks as a peer: such a request is never passed on.
///
/// Its value is the ``ModuleIndex/instance`` of who asks. Anyone can send it, so it is a claim.
package enum PeerField {
    /// The field's name.
    package static let name = "wasm-server-peer"
    /// What replicas of an older version call it.
    package static let formerName = "wasm-server-sibling"
    /// By which a request is a peer's.
    package static let names = [name, formerName]
}
