// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// Turns sources into a snapshot.
package struct Catalog: Sendable {
    /// The most modules that one server serves: each holds a descriptor and its bytes.
    package static let maximumModuleCount = 4096

    private let sources: [Source]
    private let reader: ModuleReader

    /// A catalog of sources.
    ///
    /// - Parameters:
    ///   - sources: Where the modules come from.
    ///   - maximumModuleSize: The largest module that is read, in bytes.
    ///   - memory: The memory to seal bytes in; by default the best that the system offers.
    package init(sources: [Source], maximumModuleSize: Int, memory: SealedMemory? = nil) {
        self.sources = sources
        reader = ModuleReader(maximumSize: maximumModuleSize, memory: memory)
    }

    /// Reads, seals, hashes and judges everything that the sources offer.
    ///
    /// 1. Each source is listed; a source that cannot be is refused as a whole.
    /// 2. Two modules with one path are an error: which one a gateway gets must never be a matter of luck.
    /// 3. Each candidate is read into sealed memory and judged.
    ///
    /// - Returns: The modules that are served and those that are not.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    package func load() throws(CatalogError) -> Snapshot {
        var modules: [Module] = []
        var refused: [RefusedModule] = []
        var candidates: [Candidate] = []
        for source in sources {
            do {
                let listing = try source.listing()
                candidates += listing.candidates
                refused += listing.refused.map { RefusedModule(path: nil, error: $0) }
            } catch {
                refused.append(RefusedModule(path: nil, error: error))
            }
        }
        try requireDistinctPaths(candidates)
        try requireCount(candidates.count)
        for candidate in candidates {
            do {
                modules.append(try admit(candidate))
            } catch {
                refused.append(RefusedModule(path: candidate.path, error: error))
            }
        }
        return Snapshot(modules: modules.sorted { $0.path < $1.path }, refused: refused)
    }

    private func admit(_ candidate: Candidate) throws(CatalogError) -> Module {
        let (blob, modified) = try reader.read(candidate)
        switch Admission.verdict(on: blob) {
        case .refused(let reason):
            throw .inadmissible(candidate.originName, reason, "build or copy it anew")
        case .admitted:
            return Module(path: candidate.path, blob: blob, modified: modified, origin: candidate.originName)
        }
    }

    private func requireDistinctPaths(_ candidates: [Candidate]) throws(CatalogError) {
        var seen: [ModulePath: Candidate] = [:]
        for candidate in candidates {
            guard let first = seen.updateValue(candidate, forKey: candidate.path) else { continue }
            guard first.originName != candidate.originName else {
                throw CatalogError(
                    code: .conflict,
                    subject: first.originName,
                    reason: "is named twice as a source",
                    remedy: "name it once"
                )
            }
            throw CatalogError(
                code: .conflict,
                subject: candidate.path.urlPath,
                reason: "both \(first.originName) and \(candidate.originName) would be served there",
                remedy: "rename one of them or leave it out"
            )
        }
    }

    private func requireCount(_ count: Int) throws(CatalogError) {
        guard count > Self.maximumModuleCount else { return }
        throw CatalogError(
            code: .conflict,
            subject: sources.map(\.description).joined(separator: ", "),
            reason: "\(count) modules are more than the \(Self.maximumModuleCount) that one server holds",
            remedy: "split them over several servers"
        )
    }
}
