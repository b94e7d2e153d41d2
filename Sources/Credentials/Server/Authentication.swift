// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a connection was authenticated with.
package struct Authentication {
    /// By what it is judged whether that still counts.
    package struct Present {
        /// The number of the credentials that new connections get.
        package let edition: Int
        /// In seconds since 1970.
        package let second: Int64
    }

    /// The number of the server's credentials that it began with.
    package let edition: Int
    /// The last second since 1970 in which its client's certificate is valid; nil if none was demanded.
    package var clientExpiry: Int64?

    /// An authentication that began with an edition of the server's credentials, of a client without a certificate.
    package init(edition: Int) { self.edition = edition }

    /// Whether a client that came now with the same certificate could not be sure to be let in, nor to find the same server.
    package func isOutdated(at present: Present) -> Bool {
        if edition != present.edition { return true }
        return clientExpiry.map { present.second > $0 } ?? false
    }
}
