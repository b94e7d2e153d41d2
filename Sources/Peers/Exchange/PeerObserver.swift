// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import ServerClient

/// What happens between peers.
package enum PeerEvent: Sendable {
    /// The outcome of a search, for a counter.
    package enum Answer: String, CaseIterable, Sendable {
        case found
        case unknown
        case unavailable
    }

    /// A name was looked up; how many addresses it has.
    case resolved(ServerName, count: Int)
    /// A name could not be looked up; why.
    case resolutionFailed(ServerName, reason: String)
    /// A peer told its digests; how many of them can be used.
    case listed(Peer, count: Int)
    /// A peer did not tell its digests.
    case listFailed(Peer, PeerError)
    /// A peer gave the bytes of a digest, and they were admitted.
    case fetched(Peer, Digest, byteCount: Int, duration: Duration)
    /// A peer did not give the bytes of a digest.
    case fetchFailed(Peer, Digest, PeerError)
    /// A search could not take a digest from a peer, because it is larger than is kept; its size in bytes.
    case tooLarge(Peer, Digest, size: Int)
    /// A search has ended.
    case searched(Answer)
    /// There was no room for so many digests that peers have begun to serve.
    case leftOut(Int)
    /// An adoption has ended.
    case adopted(AdoptionReport)
}

/// Is told what happens between peers, on any thread; it must not wait.
package protocol PeerObserver: Sendable {
    /// Observes an event.
    func peersDid(_ event: PeerEvent)
}
