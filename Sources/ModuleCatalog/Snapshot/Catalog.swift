// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Content
package import ProxyWasm

/// Turns sources into modules.
package struct Catalog: Sendable {
    /// The most modules that one server serves: each holds a descriptor and its bytes.
    package static let maximumModuleCount = 4096

    /// The most sources: each has a thread of its own, which may have to wait for a volume.
    package static let maximumSourceCount = 64

    /// Where the modules come from, each looked at by a thread of its own.
    let sources: SourceWorkers
    private let maximumCount: Int
    /// The largest module that is read, in bytes.
    let maximumModuleSize: Int
    /// Which modules are served.
    let admission: AdmissionPolicy
    /// What the limits are called.
    let limitNames: LimitNames

    /// How often what keeps changing is looked at before it is rejected.
    private static let maximumAttempts = 5
    /// How long to wait in between, in milliseconds: longer than the clock that stamps files stands still.
    private static let pause: UInt32 = 50

    /// A catalog of sources.
    ///
    /// - Parameters:
    ///   - sources: Where the modules come from.
    ///   - maximumModuleSize: The largest module that is read, in bytes.
    ///   - admission: Which modules are served.
    ///   - maximumCount: The most modules, if descriptors suffice for them.
    ///   - limitNames: What the limits are called in errors.
    ///   - memory: The memory to seal bytes in; by default the best that the system offers.
    package init(
        sources: [Source],
        maximumModuleSize: Int,
        admission: AdmissionPolicy = AdmissionPolicy(),
        maximumCount: Int = maximumModuleCount,
        limitNames: LimitNames = LimitNames(),
        memory: SealedMemory? = nil
    ) {
        let reader = ModuleReader(
            maximumSize: maximumModuleSize,
            limitName: limitNames.moduleSize,
            memory: memory
        )
        self.init(
            sources,
            SourceAccess(reader, admission),
            maximumModuleSize: maximumModuleSize,
            maximumCount: maximumCount,
            limitNames: limitNames
        )
    }

    /// A catalog of sources that are looked at in some way.
    init(
        _ sources: [Source],
        _ access: SourceAccess,
        maximumModuleSize: Int,
        maximumCount: Int = maximumModuleCount,
        limitNames: LimitNames = LimitNames()
    ) {
        self.sources = SourceWorkers(sources, access)
        (self.maximumModuleSize, admission, self.limitNames) = (maximumModuleSize, access.policy, limitNames)
        self.maximumCount = min(maximumCount, Self.maximumModuleCount)
    }

    /// Reads, seals, hashes and judges everything that the sources offer, for the first time, at a time in seconds
    /// since 1970.
    ///
    /// It fails when two modules claim one path, or there are more than one server holds.
    package func load(now: Int64 = platform_seconds()) throws(CatalogError) -> Snapshot {
        Snapshot(try read(), after: nil, now: now)
    }

    /// How it stands with the checks of each source.
    package var checks: [SourceCheck] { sources.checks }

    /// What the sources offer now, without reading any module; one that is not looked at, or does not answer in time, offers what
    /// it last did.
    func scan(_ waiting: Waiting = .asLongAsItTakes, skipping skipped: Set<Int> = []) -> SourceScan {
        sources.scan(waiting, skipping: skipped)
    }

    /// Reads, seals, hashes and judges what the sources offer.
    ///
    /// 1. The sources are scanned twice. As long as the scans differ, except in what is known not to be at rest,
    ///    something is being moved, and they are scanned anew: a mounted ConfigMap is taken whole, never half.
    /// 2. Two modules with one path are an error: which one a gateway gets must never be a matter of luck.
    /// 3. Each candidate that is not known yet is read into sealed memory and judged. If one has changed since it was
    ///    scanned, or was written just now, all is scanned anew.
    /// 4. Of a source that does not answer in time, nothing new is taken until everything is known.
    ///
    /// - Parameters:
    ///   - known: The outcomes of candidates that were read before; they are not read again.
    ///   - unsettled: Files that are left alone.
    ///   - skipped: Sources that are not looked at.
    ///   - waiting: How long to wait for a source.
    /// - Returns: The outcome of all of it.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    func read(
        knowing known: [Candidate: LoadResult.Outcome] = [:],
        excluding unsettled: UnsettledFiles = UnsettledFiles(),
        skipping skipped: Set<Int> = [],
        waiting: Waiting = .asLongAsItTakes
    ) throws(CatalogError) -> LoadResult {
        var outcomes = known
        var previous: SourceScan?
        var attempt = 0
        while true {
            attempt += 1
            if attempt > 1 { platform_sleep_milliseconds(Self.pause) }
            let scan = scan(waiting, skipping: skipped)
            let second = self.scan(waiting, skipping: skipped)
            var unfinished = scan.unanswered.union(second.unanswered)
            var unsettled = unsettled.following(scan, knowing: outcomes)
            unsettled.leaveAlone(scan.entries, of: unfinished, knowing: outcomes)
            let isStable = scan.isSame(as: second, excluding: unsettled)
            defer { previous = scan }
            if let error = objection(to: scan) { throw error }
            if isStable {
                let new = scan.entries(excluding: unsettled).filter { outcomes[$0.candidate] == nil }
                unfinished.formUnion(read(new, after: previous, waiting, into: &outcomes))
                unsettled.leaveAlone(scan.entries, of: unfinished, knowing: outcomes)
            }
            let isComplete = isStable && scan.entries(excluding: unsettled).allSatisfy { outcomes[$0.candidate] != nil }
            if isComplete || attempt == Self.maximumAttempts {
                return LoadResult(
                    scan: scan,
                    outcomes: outcomes,
                    postponed: unsettled.passing,
                    unfinished: unfinished,
                    isSettled: isComplete
                )
            }
        }
    }

    /// Reads what is neither known nor was written just now, and returns the sources that have not answered in time.
    ///
    /// Nothing is taken over of what was read of these.
    private func read(
        _ new: [SourceScan.Entry],
        after previous: SourceScan?,
        _ waiting: Waiting,
        into outcomes: inout [Candidate: LoadResult.Outcome]
    ) -> Set<Int> {
        let settled = Set(previous?.entries ?? [])
        let now = platform_nanoseconds()
        let rested = new.filter { !$0.candidate.isFresh(at: now) || settled.contains($0) }
        let ready = Dictionary(grouping: rested, by: \.source).mapValues { $0.map(\.candidate) }
        let (known, unanswered) = sources.read(ready, waiting)
        outcomes.merge(known) { _, new in new }
        return unanswered
    }

    /// Why the whole of a scan cannot be used; nil if it can.
    func objection(to scan: SourceScan) -> CatalogError? {
        conflict(in: scan) ?? excess(scan.entries.count)
    }

    private func conflict(in scan: SourceScan) -> CatalogError? {
        var seen: [ModulePath: Candidate] = [:]
        for candidate in scan.entries.map(\.candidate) {
            guard let first = seen.updateValue(candidate, forKey: candidate.path) else { continue }
            guard first.originName != candidate.originName else {
                return CatalogError(
                    code: .conflict,
                    subject: first.originName,
                    reason: "is given twice as a source",
                    remedy: "give it once"
                )
            }
            return CatalogError(
                code: .conflict,
                subject: candidate.path.urlPath,
                reason: "both \(first.originName) and \(candidate.originName) would be served there",
                remedy: "rename one of them or leave it out"
            )
        }
        return nil
    }

    /// Why so many modules cannot be served, if they are too many.
    func excess(_ count: Int) -> CatalogError? {
        guard count > maximumCount else { return nil }
        return CatalogError(
            code: .conflict,
            subject: sources.sources.map(\.description).joined(separator: ", "),
            reason: "\(count) modules are more than the \(maximumCount) that this server holds",
            remedy: maximumCount < Self.maximumModuleCount
                ? "raise the limit of open files (ulimit -n), or split them over several servers"
                : "split them over several servers"
        )
    }
}
