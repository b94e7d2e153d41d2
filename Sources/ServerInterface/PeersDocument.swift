// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/peers` of the operations port: the other replicas, and whether they answer.
///
/// What its users may rely on is in `docs/openapi.yaml`. A later version may add members and values.
package struct PeersDocument: InterfaceDocument, Sendable {
    /// Where it is served.
    package static let path = "/peers"

    /// A host where peers are looked for.
    package struct Name: Encodable, Sendable {
        /// As it was given: with a port, or without.
        package let name: String
        /// Why no address of it is known; nil if one is, or if nobody has looked yet.
        package let failure: String?

        /// A host from its parts.
        package init(_ name: String, failure: String?) { (self.name, self.failure) = (name, failure) }
    }

    /// A peer, as it last answered the question what it has.
    package struct Peer: Encodable, Sendable {
        /// Where it was asked.
        package let address: String
        /// Whether it answers, as ``FleetDocument/Replica/state`` has it: `told`, `gone` or `silent`.
        package let state: String
        /// How many digests it listed last; nil if it never did.
        package let digests: Int?
        /// When it last listed them, a ``Timestamp``; nil if it never did.
        package let lastListed: String?
        /// Why it did not when it was last asked; nil if it did.
        package let failure: String?

        /// A peer from its parts.
        package init(address: String, state: String, digests: Int?, lastListed: String?, failure: String?) {
            (self.address, self.state, self.digests) = (address, state, digests)
            (self.lastListed, self.failure) = (lastListed, failure)
        }
    }

    /// Where they are looked for; empty if there are to be no peers.
    package let names: [Name]
    /// Those that were asked in the last minutes, in the order of their addresses.
    package let peers: [Peer]
    /// Which of them have told of their clients.
    package let replicas: [FleetDocument.Replica]

    /// A document from its parts.
    package init(names: [Name], peers: [Peer], replicas: [FleetDocument.Replica]) {
        (self.names, self.peers, self.replicas) = (names, peers, replicas)
    }
}
