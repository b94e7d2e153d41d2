// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import Synchronization

/// Keeps everything, or rejects it, or has no room.
final class FakeModuleStore: ModuleStore {
    private let blobs = Mutex<[Digest: SealedBlob]>([:])
    private let lastUses = Mutex<[Digest: Int64]>([:])
    private let capacity: Int
    private let rejection: CatalogError?
    private let hasRoom: Bool

    init(capacity: Int = 1 << 20, rejecting rejection: CatalogError? = nil, hasRoom: Bool = true) {
        self.capacity = capacity
        self.rejection = rejection
        self.hasRoom = hasRoom
    }

    var digests: Set<Digest> { blobs.withLock { Set($0.keys) } }

    /// When what was kept was last used, where that was told.
    var ages: [Digest: Int64] { lastUses.withLock(\.self) }

    func blob(of digest: Digest) -> SealedBlob? { blobs.withLock { $0[digest] } }

    func holds(announced digest: Digest) -> Bool { blob(of: digest) != nil }

    @discardableResult
    func keep(
        _ blob: SealedBlob,
        from origin: String,
        for reason: KeptModule.Reason,
        lastUsed: Int64?
    ) throws(CatalogError) -> SealedBlob? {
        if let rejection { throw rejection }
        guard hasRoom else { return nil }
        blobs.withLock { $0[blob.digest] = blob }
        lastUses.withLock { $0[blob.digest] = lastUsed }
        return blob
    }

    var largestTaken: Int { capacity }

    let earliestUse: Int64 = 1000

    var room: Int { capacity - blobs.withLock { $0.values.reduce(0) { $0 + $1.count } } }
}
