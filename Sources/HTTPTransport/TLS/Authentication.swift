// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a connection was authenticated with.
struct Authentication {
    /// By what it is judged whether that still counts.
    struct Present {
        /// The number of the credentials that new connections get.
        let edition: Int
        /// In seconds since 1970.
        let second: Int64
    }

    /// The number of the server's credentials that it began with.
    let edition: Int
    /// The last second since 1970 in which its client's certificate is valid; nil if none was demanded.
    var clientExpiry: Int64?

    /// Whether a client that came now with the same certificate could not be sure to be let in, nor to find the same server.
    func isOutdated(at present: Present) -> Bool {
        if edition != present.edition { return true }
        return clientExpiry.map { present.second > $0 } ?? false
    }
}
