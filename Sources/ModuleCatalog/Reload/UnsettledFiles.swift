// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What is not at rest, so that its bytes are not read: they may be half written.
struct UnsettledFiles: Sendable {
    /// Paths whose files were changing at the last look, or a few: nothing is found out about them yet.
    var passing: Set<ModulePath> = []
    /// Paths whose files have been changing for so long that they are rejected until they are at rest.
    var lasting: Set<ModulePath> = []
    /// What was offered when that was found out, to tell what has changed since; nil if that does not matter.
    var offered: Set<SourceScan.Entry>?

    /// Leaves alone what is not known yet of sources that do not answer.
    mutating func leaveAlone(
        _ entries: [SourceScan.Entry],
        of sources: Set<Int>,
        knowing known: [Candidate: LoadResult.Outcome]
    ) {
        guard !sources.isEmpty else { return }
        for entry in entries where sources.contains(entry.source) && known[entry.candidate] == nil {
            passing.insert(entry.candidate.path)
            lasting.remove(entry.candidate.path)
        }
    }

    /// Whether a path is left alone.
    func contains(_ path: ModulePath) -> Bool { passing.contains(path) || lasting.contains(path) }

    /// What to leave alone now: the same, with what is not `known` and has changed since, or is gone.
    func following(_ scan: SourceScan, knowing known: [Candidate: LoadResult.Outcome]) -> UnsettledFiles {
        guard let offered else { return self }
        var unsettled = self
        let changed = scan.entries.filter { known[$0.candidate] == nil && !offered.contains($0) }
        let gone = offered.filter { !scan.locations.contains($0.location) }
        for candidate in (changed + gone).map(\.candidate) where !candidate.isOfAtomicVolume {
            if !lasting.contains(candidate.path) { unsettled.passing.insert(candidate.path) }
        }
        return unsettled
    }
}

extension FileSystem.Facts {
    /// The longest that the clock which stamps files stands still, generously, in nanoseconds.
    private static let tick: Int64 = 20_000_000
    private static let largestSkew: Int64 = 1_000_000_000

    /// When its bytes or its inode changed, in nanoseconds since 1970; for a time beyond the range, the nearest in it.
    var changedNanoseconds: Int64 {
        let (whole, isTooFar) = changed[0].multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isFarther) = whole.addingReportingOverflow(changed[1])
        guard isTooFar || isFarther else { return sum }
        return changed[0] < 0 ? .min : .max
    }

    /// Whether the file changed so lately that a further change might not show, by the clock that stamps files, in
    /// nanoseconds since 1970.
    ///
    /// A time further in the future is not fresh: it is that of another clock, as network file systems have. Any time
    /// may stand in a file system: a difference that is too large for a number is no small one.
    func isFresh(at now: Int64) -> Bool {
        let (age, isTooLarge) = now.subtractingReportingOverflow(changedNanoseconds)
        return !isTooLarge && age < Self.tick && age > -Self.largestSkew
    }
}
