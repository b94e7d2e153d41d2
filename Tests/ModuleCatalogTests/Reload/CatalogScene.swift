// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Synchronization
import TestSupport

@testable import ModuleCatalog

/// A catalog of files in a folder, and what was told of it.
final class CatalogScene: Sendable {
    static let memory = 1 << 20

    let folder: TemporaryFolder
    let catalog: LiveCatalog
    /// Of each change, whether nothing was rejected any more: the changes themselves would hold modules that are dropped.
    private let told = Mutex<[Bool]>([])

    /// Runs `body` with a catalog of a directory with these files.
    static func with(
        _ files: [String: [UInt8]],
        _ body: nonisolated(nonsending) (CatalogScene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            for (name, bytes) in files { try folder.write(bytes, to: name) }
            try await body(CatalogScene(folder, [.path(folder.path)]))
        }
    }

    init(_ folder: TemporaryFolder, _ sources: [Source]) throws {
        self.folder = folder
        catalog = try LiveCatalog(
            Catalog(sources: sources, maximumModuleSize: 2 << 20),
            keeping: RetentionPolicy(time: 3600, memory: Self.memory, count: 10),
            now: { ClockReading(date: 1_795_000_000, uptime: 5000) }
        )
        _ = catalog.observe { [weak self] change in self?.told.withLock { $0.append(change.isMended) } }
    }

    var current: [String: Digest] {
        Dictionary(uniqueKeysWithValues: catalog.snapshot.modules.map { ($0.path.text, $0.blob.digest) })
    }

    var kept: [Digest] { catalog.snapshot.kept.map(\.blob.digest) }
    var changes: Int { told.withLock { $0.count } }
    var mended: Int { told.withLock { $0.count { $0 } } }
}
