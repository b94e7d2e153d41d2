// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What a search for a digest comes to.
package enum SearchOutcome: Sendable {
    /// These are the bytes; they were verified, admitted and kept.
    case found(SealedBlob)
    /// Everyone who could know the digest was asked, and nobody does.
    case unknown
    /// Someone who could know it did not answer in time, or too many searches are under way.
    case unavailable
}

/// Looks elsewhere for the bytes of a digest that is not here.
package protocol DigestSearch: Sendable {
    /// Notes that a server asks this one as a peer, so that it is one; event loops may tell.
    ///
    /// - Parameters:
    ///   - client: Its address and port.
    ///   - instance: Which process it says to be.
    func wasAsked(by client: String, as instance: String)

    /// Begins a search.
    ///
    /// It never waits, so that an event loop can call it.
    ///
    /// - Parameters:
    ///   - digest: What is looked for.
    ///   - client: The address of who looks for it; none can take all the room there is for searches.
    ///   - byteCount: How many bytes are held until it ends: there is room for so many, too.
    ///   - completion: Is called once, in bounded time, on any thread; perhaps before this returns.
    func search(
        for digest: Digest,
        from client: String,
        holding byteCount: Int,
        completion: @escaping @Sendable (SearchOutcome) -> Void
    )
}
