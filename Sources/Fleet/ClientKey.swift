// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Who a client is, by the best that is known of it, and what kind of program: a person who asks from a gateway's address is another.
package struct ClientKey: Hashable, Sendable {
    /// What a client is told by, the best first.
    package enum Evidence: String, Sendable, CaseIterable {
        /// Its certificate, which an authority of the server's vouches for.
        case certificate
        /// The address that a trusted proxy says it has.
        case forwarded
        /// The address that it connects from; behind a translation of addresses several share one.
        case address
    }

    /// What it is told by.
    package let evidence: Evidence
    /// What that says: a DNS name, a SPIFFE id or an address.
    package let name: String
    /// What kind of program it says to be.
    package let kind: ClientKind

    /// The longest name that is kept, in bytes.
    package static let longestName = 256

    /// A client by what it is told by; of a long name the beginning.
    package init(_ evidence: Evidence, _ name: String, _ kind: ClientKind) {
        (self.evidence, self.kind) = (evidence, kind)
        self.name = name.beginning(ofBytes: Self.longestName)
    }
}
