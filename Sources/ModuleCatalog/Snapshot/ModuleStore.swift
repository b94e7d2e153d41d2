// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// Serves bytes by their digest for as long as the retention allows; what peers give is handed to it.
package protocol ModuleStore: Sendable {
    /// The bytes of a digest that is served here, current or kept; event loops may ask.
    func blob(of digest: Digest) -> SealedBlob?

    /// Admits bytes and serves them by their digest from now on, if there is room for them in memory. It hashes and reads nothing,
    /// but it may wait for a lock.
    ///
    /// - Parameters:
    ///   - blob: The bytes.
    ///   - origin: Where they come from, as a person would name it.
    ///   - reason: Why a peer gave them.
    ///   - lastUsed: When they were last current or fetched there, in seconds since 1970; nil for now.
    /// - Returns: The bytes as they are served here; nil if there was no room.
    /// - Throws: ``CatalogError`` if they are not a module that may be served, or larger than may be taken.
    @discardableResult
    func keep(
        _ blob: SealedBlob,
        from origin: String,
        for reason: KeptModule.Reason,
        lastUsed: Int64?
    ) throws(CatalogError) -> SealedBlob?

    /// Whether a digest that a peer announces is served here.
    ///
    /// If only a search has brought it, it is kept from now on like what is announced, if there is room.
    func holds(announced digest: Digest) -> Bool

    /// The largest module that is taken from a peer, in bytes; 0 if none is.
    var largestTaken: Int { get }

    /// What was last used before this, in seconds since 1970, is kept longer than the retention asks for when it is taken.
    var earliestUse: Int64 { get }

    /// How many bytes more that peers announce can be kept, without anything going but what searches have brought.
    var room: Int { get }
}

/// The outcome of a search for a digest.
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
