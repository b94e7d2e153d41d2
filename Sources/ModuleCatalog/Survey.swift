// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What all sources offer at one moment, as far as it can be told without reading modules.
///
/// Two that are equal offer the same.
struct Survey: Equatable, Sendable {
    /// A module, and which of the sources offers it.
    struct Entry: Hashable, Sendable {
        let source: Int
        let candidate: Candidate
    }

    /// What cannot be served, and which of the sources it is of.
    struct Rejection: Hashable, Sendable {
        let source: Int
        let error: CatalogError
    }

    /// Where modules come from.
    let sources: [Source]
    let entries: [Entry]
    /// Sources that could not be looked through, and what in them could not be.
    let rejections: [Rejection]

    /// The paths of the modules that are offered.
    let paths: Set<ModulePath>

    /// Looks through the sources; it may wait for the disk.
    init(of sources: [Source]) {
        var entries: [Entry] = []
        var rejections: [Rejection] = []
        for (index, source) in sources.enumerated() {
            do {
                let listing = try source.listing()
                entries += listing.candidates.map { Entry(source: index, candidate: $0) }
                rejections += listing.rejected.map { Rejection(source: index, error: $0) }
            } catch {
                rejections.append(Rejection(source: index, error: error))
            }
        }
        self.init(sources, entries, rejections)
    }

    private init(_ sources: [Source], _ entries: [Entry], _ rejections: [Rejection]) {
        self.sources = sources
        self.entries = entries
        self.rejections = rejections
        paths = Set(entries.map(\.candidate.path))
    }

    /// What a source offers.
    func entries(of source: Int) -> [Entry] { entries.filter { $0.source == source } }

    /// The same without what is not at rest.
    func leaving(_ unrest: Unrest) -> Survey {
        Survey(sources, entries.filter { !unrest.contains($0.candidate.path) }, rejections)
    }
}
