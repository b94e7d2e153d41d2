// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Peers

extension FuzzTarget {
    /// A peer's document at `/modules`.
    static let peerList = FuzzTarget("peer-list") { (bytes: [UInt8]) in
        guard let list = try? PeerList(bytes) else { return }
        require(Set(list.entries.map(\.digest)).count == list.entries.count, "each digest is there once")
        require(list.entries.allSatisfy { $0.size > 0 }, "there are only sizes of bytes")
        require(list.entries.allSatisfy { !$0.isCurrent || $0.lastUsed == nil }, "what is in use has no last use")
        require(list.entries.count <= PeerList.maximumCount, "there are no more than are taken")
        let firstKept = list.entries.firstIndex { !$0.isCurrent } ?? list.entries.endIndex
        require(list.entries[firstKept...].allSatisfy { !$0.isCurrent }, "the current ones come first")
        require((try? PeerList(bytes)) == list, "one document is one list")
    }
}
