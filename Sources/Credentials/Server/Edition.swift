// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Numbers the credentials that connections are authenticated with, one after the other.
///
/// The number changes with the server's certificate, which its key goes with, and with the clients' authorities in use: then
/// connections that began before have to end. It does not when only a file is written anew, when other peers are
/// trusted, or when a context is made so that sessions end, as that concerns no connection that is open.
package struct Edition: Sendable {
    /// How many came before.
    package private(set) var number = 0
    private let certificate: Digest
    private let clientAuthorities: Set<Digest>

    /// The first edition.
    ///
    /// - Parameters:
    ///   - certificate: The digest of the server's certificate.
    ///   - clientAuthorities: Those of the authorities that vouch for clients.
    init(certificate: Digest, clientAuthorities: Set<Digest>) {
        (self.certificate, self.clientAuthorities) = (certificate, clientAuthorities)
    }

    /// The same behind another one: the next, or that one if it is the same.
    func following(_ former: Edition) -> Edition {
        let isSame = certificate == former.certificate && clientAuthorities == former.clientAuthorities
        var edition = self
        edition.number = former.number + (isSame ? 0 : 1)
        return edition
    }
}
