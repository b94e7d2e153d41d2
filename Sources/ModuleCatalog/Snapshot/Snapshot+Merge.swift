// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

extension Snapshot {
    /// What is served once something new was found.
    ///
    /// | found | served under its path |
    /// |-|-|
    /// | a module that may be served | that module |
    /// | one that is rejected, or a source that cannot be looked through | what was served there before |
    /// | nothing any more, but other modules of its source | nothing |
    /// | nothing any more in all of its source | what was served there before, and a rejection |
    /// | what is not at rest | what was served there before; if it was rejected, it still is; so is a source that was found empty |
    ///
    /// - Parameters:
    ///   - loaded: What was found.
    ///   - previous: What was served until now; nil if nothing was.
    ///   - refilling: Sources that were found empty and may not be complete again.
    ///   - now: The present, in seconds since 1970.
    init(_ loaded: LoadResult, after previous: Snapshot?, refilling: Set<Int> = [], now: Int64) {
        var modules: [ModulePath: Module] = [:]
        for module in loaded.modules(now: now) { modules[module.path] = module }
        // What is served by its digest need not be in memory twice.
        let kept = Dictionary(
            (previous?.kept ?? []).map { ($0.blob.digest, $0.content) },
            uniquingKeysWith: { first, _ in first }
        )
        for (path, module) in modules { modules[path]?.content = kept[module.blob.digest] ?? module.content }
        let usableSources = loaded.usableSources.subtracting(refilling)
        var emptied: Set<Source> = []
        for former in previous?.modules ?? [] {
            if let found = modules[former.path] {
                guard found.blob.digest == former.blob.digest else { continue }
                modules[former.path]?.content = former.content
                modules[former.path]?.since = former.since
                modules[former.path]?.lastFetch = former.lastFetch
                continue
            }
            switch loaded.absence(of: former, usableSources: usableSources) {
            case .withdrawn: continue
            case .emptied(let source): emptied.insert(source)
            case .unknown: break
            }
            modules[former.path] = former
        }
        // Nothing was found out about what is not at rest, so it is as good or bad as before.
        let former = (previous?.rejected ?? []).filter { $0.path.map(loaded.postponed.contains) ?? false }
        let empty = loaded.scan.sources.filter(emptied.contains).map {
            RejectedModule(path: nil, error: .emptied($0))
        }
        let awaited = Set(loaded.awaitedSources.intersection(refilling).map { loaded.scan.sources[$0].description })
        let present = loaded.rejected + former + empty
        let lasting = (previous?.rejected ?? []).filter {
            $0.path == nil && awaited.contains($0.error.subject) && !present.contains($0)
        }
        self.init(
            modules: Array(modules.values),
            kept: previous?.kept ?? [],
            rejected: present + lasting,
            furtherRejectedCount: loaded.furtherRejectedCount
        )
    }

    /// The same, but that something is rejected as a whole.
    func rejecting(_ error: CatalogError) -> Snapshot {
        Snapshot(modules: modules, kept: kept, rejected: [RejectedModule(path: nil, error: error)])
    }

    /// The same, with other modules kept.
    func keeping(_ kept: [KeptModule]) -> Snapshot { Snapshot(self, keeping: kept) }

    /// Whether exactly the same is served and rejected.
    func isSame(as other: Snapshot) -> Bool {
        kept.elementsEqual(other.kept) { $0 === $1 } && isSameButForKept(as: other)
    }

    /// Whether exactly the same is served by name, and rejected.
    func isSameButForKept(as other: Snapshot) -> Bool {
        modules.elementsEqual(other.modules) { module, other in
            module.path == other.path && module.blob.digest == other.blob.digest && module.origin == other.origin
                && module.source == other.source
        } && rejected == other.rejected && rejectedCount == other.rejectedCount
    }
}
