// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a connection was authenticated with.
package struct Authentication {
    /// By what it is judged whether that still counts.
    package struct Present {
        /// The number of the credentials that new connections get.
        package let generation: Int
        /// In seconds since 1970.
        package let second: Int64
    }

    /// The number of the server's credentials that it began with.
    package let generation: Int
    /// The last second since 1970 in which its client's certificate is valid; nil if none was demanded.
    package var clientExpiry: Int64?

    /// An authentication that began with a generation of the server's credentials, of a client without a certificate.
    package init(generation: Int) { self.generation = generation }

    /// Whether a client that came now with the same certificate could not be sure to be let in, nor to find the same server.
    package func isOutdated(at present: Present) -> Bool {
        if generation != present.generation { return true }
        return clientExpiry.map { present.second > $0 } ?? false
    }
}

/// Numbers the credentials that connections are authenticated with, one after the other.
///
/// The number changes with the server's certificate, which its key goes with, and with the clients' authorities in use: then
/// connections that began before have to end. It does not when only a file is written anew, when other peers are
/// trusted, or when a context is made so that sessions end, as that concerns no connection that is open.
package struct CredentialsGeneration: Sendable {
    /// How many came before.
    package private(set) var number = 0
    private let certificate: Digest
    private let clientAuthorities: Set<Digest>

    /// The first generation, by the digests of the server's certificate and of the authorities that vouch for clients.
    init(certificate: Digest, clientAuthorities: Set<Digest>) {
        (self.certificate, self.clientAuthorities) = (certificate, clientAuthorities)
    }

    /// The same behind another one: the next, or that one if it is the same.
    func following(_ former: CredentialsGeneration) -> CredentialsGeneration {
        let isSame = certificate == former.certificate && clientAuthorities == former.clientAuthorities
        var generation = self
        generation.number = former.number + (isSame ? 0 : 1)
        return generation
    }
}
