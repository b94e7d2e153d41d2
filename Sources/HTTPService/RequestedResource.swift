// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What a URL is about, and how it is asked for there: by this, metrics and the log tell answers apart.
///
/// It is made when what is served is rendered, and of nothing that a client sent. Answers only refer to it.
package final class RequestedResource: Sendable {
    /// By what it is asked for.
    package enum Key: String, Sendable, CaseIterable {
        case name
        case digest
    }

    /// What is asked for of it.
    package enum Content: Sendable {
        /// Its bytes.
        case bytes
        /// Its digest, as text.
        case digest
    }

    /// By what it is asked for.
    package let key: Key
    /// The URL paths where it is served by name: of one that is asked for by name, that path; of one that is asked for by
    /// digest, every path that has those bytes; none if it is served by digest only, or not here.
    package let paths: [String]
    /// Its digest; nil if it is not served, or is not here.
    package let digest: Digest?
    /// What is asked for of it.
    package let content: Content

    /// Where it is noted that its bytes were fetched: once for each name that they have.
    private let lastFetches: [LastFetch]

    /// A resource from its parts.
    ///
    /// - Parameters:
    ///   - key: By what it is asked for.
    ///   - paths: Where it is served by name.
    ///   - digest: Its digest; nil if it is not served, or is not here.
    ///   - content: What is asked for of it.
    ///   - lastFetches: Where it is noted that its bytes were fetched.
    package init(
        _ key: Key,
        paths: [String],
        digest: Digest?,
        content: Content = .bytes,
        lastFetches: [LastFetch] = []
    ) {
        self.key = key
        self.paths = paths
        self.digest = digest
        self.content = content
        self.lastFetches = lastFetches
    }

    /// The same, of which the digest is asked for.
    package var asDigest: RequestedResource { RequestedResource(key, paths: paths, digest: digest, content: .digest) }

    /// One that is not here.
    package static func missing(_ key: Key) -> RequestedResource { RequestedResource(key, paths: [], digest: nil) }

    /// Notes that its bytes were fetched.
    ///
    /// - Parameter date: When, in seconds since 1970.
    package func wasFetched(at date: Int64) {
        for lastFetch in lastFetches { lastFetch.note(at: date) }
    }
}
