// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import ModuleInspection
internal import ProxyWasm
internal import ServerInterface

extension ModuleDocument {
    /// What is known of the module at a path: where it is served by name, or by digest, or would be if it were not rejected; nil if
    /// there is none.
    ///
    /// Its bytes are not looked at again: all of it was found out when they were judged.
    init?(
        at path: String,
        in index: ModuleIndex,
        _ snapshot: Snapshot,
        _ fleet: FleetDocument?,
        history: (ModulePath) -> [ModuleHistory.Period]
    ) {
        let isDigest = DigestPath.isBelow(path)
        let entries = index.modules.filter { isDigest ? $0.digestPath == path : $0.path == path }
        let rejected = entries.first { $0.state == ModuleIndex.State.rejected.rawValue }
        let served = entries.first { $0.state == ModuleIndex.State.current.rawValue }
        guard let entry = served ?? (isDigest ? entries.first : rejected) else { return nil }
        let digest = entry.sha256.flatMap { Digest(hexadecimal: $0) }
        let content =
            snapshot.modules.first { $0.blob.digest == digest }?.content
            ?? snapshot.kept.first { $0.blob.digest == digest }?.content
        let periods = snapshot.modules.first { $0.path.urlPath == entry.path }.map { history($0.path) } ?? []
        self.init(
            module: entry,
            rejected: served == nil ? nil : rejected,
            sections: content?.facts.sections ?? [],
            debugSize: content?.facts.customSections.debuggingSize ?? 0,
            capabilities: content?.facts.capabilities ?? [],
            omittedImports: content?.facts.imports.unlistedCounts.values.reduce(0, +) ?? 0,
            callbacks: content?.facts.callbacks ?? [],
            history: served == nil
                ? []
                : periods.map { period in
                    .init(
                        sha256: period.digest.hexadecimal,
                        since: Timestamp.text(period.since),
                        until: period.until.map(Timestamp.text)
                    )
                },
            gateways: served == nil ? nil : fleet?.modules.first { $0.path == entry.path }?.gateways
        )
    }
}

extension ModuleFacts {
    /// The sections by their kinds, the largest first.
    fileprivate var sections: [ModuleDocument.Section] {
        sectionSizes.map { ModuleDocument.Section(kind: "\($0.key)", size: $0.value) }
            .sorted { ($1.size, $0.kind) < ($0.size, $1.kind) }
    }

    /// What the module takes from its host, by what that lets it do.
    fileprivate var capabilities: [ModuleDocument.Capability] {
        Capability.uses(of: imports).map { use in
            .init(use.capability.rawValue, description: use.capability.words, imports: use.imports)
        }
    }

    /// What hosts call of the module.
    fileprivate var callbacks: [ModuleDocument.Callback] {
        Callback.known(in: exports).map { .init($0.name, description: $0.meaning) }
    }
}
