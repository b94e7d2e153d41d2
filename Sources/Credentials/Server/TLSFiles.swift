// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where the certificates and the key of a listener are; each file is PEM.
package struct TLSFiles: Hashable, Sendable {
    /// The server's certificate, and after it those that lead to its authority.
    package let certificateChain: String
    /// The key of the server's certificate, not encrypted.
    package let privateKey: String
    /// The authorities whose clients may connect; nil if no client certificate is demanded.
    package let clientAuthorities: String?
    /// The authorities of peers' certificates; nil if they are those of the clients, or else those the system trusts.
    package let peerAuthorities: String?

    /// The paths of the files.
    package init(
        certificateChain: String,
        privateKey: String,
        clientAuthorities: String? = nil,
        peerAuthorities: String? = nil
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
        self.peerAuthorities = peerAuthorities
    }
}
