// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

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

    /// Notes what a peer can give.
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
