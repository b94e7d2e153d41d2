// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What all sources offer at one moment, without what only reading modules can tell.
struct SourceScan: Sendable {
    /// A module, and which of the sources offers it.
    struct Entry: Hashable, Sendable {
        let source: Int
        let candidate: Candidate

        var location: Location { Location(source: source, path: candidate.path) }
    }

    /// Where a module is offered.
    struct Location: Hashable, Sendable {
        let source: Int
        let path: ModulePath
    }

    /// Where modules come from.
    let sources: [Source]
    let entries: [Entry]
    /// Of each source, what could not be looked at or cannot be served.
    let rejections: [RejectedEntries]
    /// Sources that were not looked at, or did not answer in time; of them, this is what they last offered.
    let unanswered: Set<Int>

    /// The paths of the modules that are offered.
    let paths: Set<ModulePath>
    /// The same, and by which source.
    let locations: Set<Location>

    /// What sources offer by the listing of each of them.
    init(_ sources: [Source], _ listings: [Result<SourceListing, CatalogError>], unanswered: Set<Int> = []) {
        var entries: [Entry] = []
        var rejections: [RejectedEntries] = []
        for (index, listing) in listings.enumerated() {
            switch listing {
            case .success(let listing):
                entries += listing.candidates.map { Entry(source: index, candidate: $0) }
                rejections.append(listing.rejected)
            case .failure(let error):
                rejections.append(RejectedEntries(error))
            }
        }
        self.sources = sources
        self.entries = entries
        self.rejections = rejections
        self.unanswered = unanswered
        paths = Set(entries.map(\.candidate.path))
        locations = Set(entries.map(\.location))
    }

    /// What a source offers.
    func entries(of source: Int) -> [Entry] { entries.filter { $0.source == source } }

    /// What is offered and at rest.
    func entries(excluding unsettled: UnsettledFiles) -> [Entry] {
        entries.filter { !unsettled.contains($0.candidate.path) }
    }

    /// Whether another scan found the same that is at rest.
    func isSame(as other: SourceScan, excluding unsettled: UnsettledFiles) -> Bool {
        entries(excluding: unsettled) == other.entries(excluding: unsettled) && rejections == other.rejections
    }
}
