// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A peer that says it can give a digest.
struct Holder: Hashable, Sendable {
    let peer: Peer
    /// The size that the peer claims, in bytes.
    let size: Int
}

/// Which peers say they can give which digests; a table that no list makes grow beyond measure.
struct DigestLocations: Sendable {
    /// The most digests, of all peers together.
    static let maximumCount = 32_768
    /// The most peers that are noted for one digest.
    static let maximumHolderCount = 8

    /// Whether every digest that was noted is in the table.
    private(set) var isComplete = true

    private var holders: [Digest: [Holder]] = [:]

    /// Records what a peer can give.
    mutating func add(_ entries: [PeerList.Entry], of peer: Peer) {
        for entry in entries {
            guard holders.count < Self.maximumCount || holders[entry.digest] != nil else {
                isComplete = false
                return
            }
            guard holders[entry.digest, default: []].count < Self.maximumHolderCount else { continue }
            holders[entry.digest, default: []].append(Holder(peer: peer, size: entry.size))
        }
    }

    /// Strikes peers out that did not give a digest after all.
    mutating func remove(_ peers: [Peer], of digest: Digest) {
        holders[digest]?.removeAll { peers.contains($0.peer) }
    }

    /// Whether anyone listed a digest, struck out or not.
    func lists(_ digest: Digest) -> Bool { holders[digest] != nil }

    /// Who can give a digest, in the order in which they said so.
    func holders(of digest: Digest) -> [Holder] { holders[digest] ?? [] }
}

/// What peers list: in the round that is under way, and in the one that ended last.
struct RecentLocations {
    /// The largest module that is fetched, in bytes.
    let largest: Int
    /// What the lists of the round that is under way have.
    private(set) var current = DigestLocations()
    private var last = DigestLocations()

    /// Nothing is listed.
    ///
    /// - Parameter largest: The largest module that is fetched, in bytes.
    init(largest: Int) {
        self.largest = largest
    }

    /// Records what a peer can give.
    mutating func add(_ entries: [PeerList.Entry], of peer: Peer) {
        current.add(entries, of: peer)
    }

    /// A round has ended: its lists are the last ones.
    mutating func endRound() {
        last = current
        current = DigestLocations()
    }

    /// The last lists are too old to be believed.
    mutating func forgetLast() {
        last = DigestLocations()
    }

    /// Strikes peers out that did not give a digest after all.
    mutating func remove(_ peers: [Peer], of digest: Digest) {
        current.remove(peers, of: digest)
        last.remove(peers, of: digest)
    }

    /// Who can give a digest that is not too large, those of this round first.
    func holders(of digest: Digest) -> [Holder] {
        let fresh = current.holders(of: digest)
        let older = last.holders(of: digest).filter { old in !fresh.contains { $0.peer == old.peer } }
        return (fresh + older).filter { $0.size <= largest }
    }
}
