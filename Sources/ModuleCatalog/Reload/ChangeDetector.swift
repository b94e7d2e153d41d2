// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What is known of the sources; decides which of their modules to read.
struct ChangeDetector {
    /// What to read.
    struct Reading {
        /// The outcomes of candidates that need not be read again.
        let known: [Candidate: LoadResult.Outcome]
        /// What is left alone, because it is not at rest.
        let unsettled: UnsettledFiles
    }

    /// What was found when they were last read.
    var loaded: LoadResult {
        didSet {
            let known = Set(scan.sources.indices).subtracting(loaded.unfinished)
            for source in known.subtracting(loaded.usableSources) { refills[source] = 0 }
        }
    }

    /// Why nothing new is taken over at all, such as that two sources claim one path; nil if something may be.
    var rejection: CatalogError?

    /// Sources that were found empty, and at how many scans in a row they have offered the same since.
    private var refills: [Int: Int] = [:]

    /// How they were at the last scan.
    private var scan: SourceScan
    /// What was not at rest at the last scan, and at how many in a row.
    private var restlessness: [ModulePath: Int] = [:]
    /// How often in a row something changed while it was read.
    private var unsettledCount = 0
    /// For how many scans of a source nothing was tried again that failed for a reason that may have passed.
    private var scansSinceRetry: [Int: Int] = [:]

    /// How often something may be found changing until that is reported.
    private static let mostRestlessScans = 10
    /// How many scans later something is tried again that failed for a reason that may have passed.
    private static let scansUntilRetry = 10
    /// The same for what the system had too little memory or too few descriptors for.
    private static let scansUntilRoom = 2

    /// At how many scans in a row a source that was found empty has to offer the same until it counts as complete
    /// again: who fills it file by file takes a while.
    private static let scansUntilRefilled = 10

    /// Sources that were found empty and may not be complete again.
    var refilling: Set<Int> { Set(refills.keys) }

    /// Knows what was found at first.
    init(_ loaded: LoadResult) {
        self.loaded = loaded
        scan = loaded.scan
    }

    /// What to read now; nil if there is nothing to find out.
    ///
    /// Unless someone has asked for the scan, a new file must have been the same at the last one, or be of a kind that
    /// never changes in place. What never comes to rest is not read either, but reported. `objection` tells why nothing
    /// of a scan can be taken over, if so.
    mutating func reading(
        of scan: SourceScan,
        _ reason: ReloadReason,
        objection: (SourceScan) -> CatalogError?
    ) -> Reading? {
        let known = known(for: reason, in: scan)
        var unsettled = reason == .request ? UnsettledFiles() : unsettled(in: scan)
        unsettled.leaveAlone(scan.entries, of: scan.unanswered, knowing: known)
        let isRefilled = noteRefills(in: scan, reason)
        // What has mended it need not be anything new, nor need any path be gone.
        let isMended = rejection.map { $0 != objection(scan) } ?? false
        self.scan = scan
        guard isRefilled || isMended || reason != .poll || hasNews(scan, besides: unsettled, knowing: known) else {
            return nil
        }
        return Reading(known: known, unsettled: unsettled)
    }

    /// Whether to take over what was found: not if something changed all the time that may be at rest at the next poll.
    mutating func accepts(_ loaded: LoadResult, _ reason: ReloadReason) -> Bool {
        unsettledCount = loaded.isSettled ? 0 : unsettledCount + 1
        return loaded.isSettled || reason != .poll || unsettledCount >= Self.mostRestlessScans
    }

    /// Whether a source that was found empty is complete again: one at rest, or any, if someone says so.
    private mutating func noteRefills(in scan: SourceScan, _ reason: ReloadReason) -> Bool {
        let count = refills.count
        for (source, scans) in refills {
            let offered = scan.entries(of: source)
            guard !offered.isEmpty, !scan.unanswered.contains(source) else { continue }
            let isSame = offered == self.scan.entries(of: source)
            let isComplete = reason == .request || isSame && scans + 1 >= Self.scansUntilRefilled
            refills[source] = isComplete ? nil : isSame ? scans + 1 : 0
        }
        return refills.count < count
    }

    /// What need not be found out again: failures that may have passed are, of the sources that were scanned.
    private mutating func known(for reason: ReloadReason, in scan: SourceScan) -> [Candidate: LoadResult.Outcome] {
        var passing: [Int: Set<CatalogError.Code>] = [:]
        for source in scan.sources.indices where !scan.unanswered.contains(source) {
            let scans = scansSinceRetry[source, default: 0] + 1
            let isDue = reason != .poll || scans >= Self.scansUntilRetry
            scansSinceRetry[source] = isDue ? 0 : scans
            // The system may have more room soon, and that is found out without reading.
            if scans.isMultiple(of: Self.scansUntilRoom) { passing[source] = [.exhausted] }
            if isDue { passing[source] = [.exhausted, .unreadable] }
        }
        return reason == .rehash ? loaded.admitted : loaded.outcomes(without: passing)
    }

    /// What is new, or gone, and was not so at the last scan.
    private mutating func unsettled(in scan: SourceScan) -> UnsettledFiles {
        let rested = Set(self.scan.entries)
        let restless = Self.paths(of: scan.entries.filter { !loaded.knows($0) && !rested.contains($0) })
        // Nothing is known of what was not scanned now.
        let unseen = Self.paths(of: scan.entries.filter { scan.unanswered.contains($0.source) })
        let vanished = Self.paths(of: self.scan.entries.filter { !scan.locations.contains($0.location) })
        restlessness = restlessness.filter { path, _ in
            restless.contains(path) || vanished.contains(path) || unseen.contains(path)
        }
        for path in restless.union(vanished) { restlessness[path, default: 0] += 1 }
        let lasting = restless.filter { restlessness[$0, default: 0] >= Self.mostRestlessScans }
        return UnsettledFiles(
            passing: restless.union(vanished).subtracting(lasting),
            lasting: lasting,
            offered: Set(scan.entries)
        )
    }

    /// The paths of what may be changing still.
    private static func paths(of entries: [SourceScan.Entry]) -> Set<ModulePath> {
        Set(entries.map(\.candidate).filter { !$0.isOfAtomicVolume }.map(\.path))
    }

    /// Whether there is anything to find out.
    private func hasNews(
        _ scan: SourceScan,
        besides unsettled: UnsettledFiles,
        knowing known: [Candidate: LoadResult.Outcome]
    ) -> Bool {
        let isNew = scan.entries.contains {
            known[$0.candidate] == nil && !unsettled.passing.contains($0.candidate.path)
        }
        let hasGone = !loaded.scan.paths.subtracting(scan.paths).isSubset(of: unsettled.passing)
        let isDue = !loaded.postponed.isSubset(of: unsettled.passing)
        return isNew || hasGone || isDue || scan.rejections != loaded.scan.rejections
    }
}

/// Why the sources are scanned.
package enum ReloadReason: Sendable {
    /// It is time to see whether something has changed; what has must be at rest.
    case poll
    /// Someone asked for it: what has changed is taken at once.
    case request
    /// Everything is read anew: sizes and times of files can lie.
    case rehash
}
