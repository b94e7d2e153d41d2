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
    struct Refusal: Hashable, Sendable {
        let source: Int
        let error: CatalogError
    }

    private(set) var entries: [Entry] = []
    /// Sources that could not be looked through, and what in them could not be.
    private(set) var refusals: [Refusal] = []

    /// Looks through the sources; it may wait for the disk.
    init(of sources: [Source]) {
        for (index, source) in sources.enumerated() {
            do {
                let listing = try source.listing()
                entries += listing.candidates.map { Entry(source: index, candidate: $0) }
                refusals += listing.refused.map { Refusal(source: index, error: $0) }
            } catch {
                refusals.append(Refusal(source: index, error: error))
            }
        }
    }
}
