// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import Synchronization

/// What is served, kept up to date with its sources while it is served.
///
/// 1. ``look(_:)`` compares the sources with what is known of them, and reads what has changed in the same way as at start.
/// 2. One snapshot replaces another whole. What is refused never replaces what is served.
/// 3. What is no longer current is kept by its digest, within limits; so is what siblings give.
package final class LiveCatalog: ModuleKeeper {
    /// Why the sources are looked at.
    package enum Occasion: Sendable {
        /// It is time to see whether something has changed; what has must be at rest.
        case poll
        /// Someone asked for it: what has changed is taken at once.
        case request
        /// Everything is read anew: sizes and times of files can lie.
        case rehash
    }

    /// Is told of every change, in order; it must not call back.
    package typealias Observer = @Sendable (CatalogChange) -> Void

    private struct State {
        var snapshot: Snapshot
        var retention: Retention
        var observer: Observer?
    }

    /// What is known of the sources.
    private struct Memory {
        /// What was found when they were last read.
        var finding: Finding
        /// How they were at the last look.
        var survey: Survey
        /// At how many looks in a row some were not at rest.
        var restlessness = 0
        /// At how many looks nothing was tried again that failed for a reason that may have passed.
        var looksSinceRetry = 0
    }

    /// How often sources may be found changing until that is reported.
    private static let mostRestlessLooks = 10
    /// How many looks later something is tried again that may have passed.
    private static let looksUntilRetry = 10

    private let catalog: Catalog
    private let now: @Sendable () -> Moment
    private let state: Mutex<State>
    /// Held for the length of a look, so that there is only one at a time.
    private let memory: Mutex<Memory>

    /// Loads everything that the sources offer; it waits for the disk.
    ///
    /// - Parameters:
    ///   - catalog: Where the modules come from.
    ///   - policy: What is kept.
    ///   - now: Tells the present.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    package init(
        _ catalog: Catalog,
        keeping policy: RetentionPolicy,
        now: @escaping @Sendable () -> Moment = { .now }
    ) throws(CatalogError) {
        self.catalog = catalog
        self.now = now
        let finding = try catalog.read()
        let snapshot = Snapshot(finding, after: nil, now: now().date)
        state = Mutex(State(snapshot: snapshot, retention: Retention(policy: policy)))
        memory = Mutex(Memory(finding: finding, survey: finding.survey))
    }

    /// What is served now.
    package var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// Has every change from now on told to an observer.
    ///
    /// - Returns: What is served now.
    package func observe(_ observer: @escaping Observer) -> Snapshot {
        state.withLock { state in
            state.observer = observer
            return state.snapshot
        }
    }

    // MARK: Reload

    /// Looks at the sources, takes over what has changed, and lets go of what has been kept long enough; it may wait for the
    /// disk.
    ///
    /// - Parameter occasion: Why.
    /// - Returns: How long it took to see whether anything has changed, without reading what has.
    @discardableResult
    package func look(_ occasion: Occasion) -> Duration {
        memory.withLock { memory in
            let start = ContinuousClock.now
            let survey = catalog.survey()
            let duration = ContinuousClock.now - start
            let unrest = occasion == .poll ? unrest(in: survey, &memory) : []
            let known = known(for: occasion, &memory)
            memory.survey = survey
            if occasion == .poll, !hasNews(survey, besides: unrest, knowing: known, memory.finding) {
                succeed { $0.keeping($1.modules) }
            } else {
                read(survey, knowing: known, postponing: unrest, &memory)
            }
            return duration
        }
    }

    private func read(
        _ survey: Survey,
        knowing known: [Candidate: Finding.Outcome],
        postponing unrest: Set<ModulePath>,
        _ memory: inout Memory
    ) {
        do throws(CatalogError) {
            let finding = try catalog.read(knowing: known, postponing: unrest)
            memory.finding = finding
            succeed { snapshot, _ in Snapshot(finding, after: snapshot, now: self.now().date) }
            memory.finding.share(snapshot.modules)
        } catch {
            memory.finding = Finding(survey: survey, outcomes: known, isSettled: true)
            succeed { snapshot, _ in snapshot.refusing(error) }
        }
    }

    /// The paths of what is new and was not the same at the last look, for as long as that can be borne.
    private func unrest(in survey: Survey, _ memory: inout Memory) -> Set<ModulePath> {
        let rested = Set(memory.survey.entries)
        let restless = survey.entries.filter { entry in
            !memory.finding.knows(entry) && !rested.contains(entry) && !entry.candidate.isOfAtomicVolume
        }
        let present = Set(survey.entries.map(\.candidate.path))
        let vanished = memory.survey.entries.filter { entry in
            !present.contains(entry.candidate.path) && !entry.candidate.isOfAtomicVolume
        }
        guard !restless.isEmpty || !vanished.isEmpty else {
            memory.restlessness = 0
            return []
        }
        memory.restlessness += 1
        guard memory.restlessness < Self.mostRestlessLooks else { return [] }
        return Set((restless + vanished).map(\.candidate.path))
    }

    /// What need not be read again.
    private func known(for occasion: Occasion, _ memory: inout Memory) -> [Candidate: Finding.Outcome] {
        memory.looksSinceRetry += 1
        if occasion == .poll, memory.looksSinceRetry < Self.looksUntilRetry { return memory.finding.outcomes }
        memory.looksSinceRetry = 0
        return occasion == .rehash ? memory.finding.verifiedOutcomes : memory.finding.lastingOutcomes
    }

    /// Whether there is anything to find out.
    private func hasNews(
        _ survey: Survey,
        besides unrest: Set<ModulePath>,
        knowing known: [Candidate: Finding.Outcome],
        _ finding: Finding
    ) -> Bool {
        let isNew = survey.entries.contains { entry in
            known[entry.candidate] == nil && !unrest.contains(entry.candidate.path)
        }
        let present = Set(survey.entries.map(\.candidate.path))
        let hasGone = finding.survey.entries.contains { entry in
            !present.contains(entry.candidate.path) && !unrest.contains(entry.candidate.path)
        }
        let isDue = !finding.postponed.isSubset(of: unrest)
        return isNew || hasGone || isDue || survey.refusals != finding.survey.refusals
    }

    // MARK: Keeping

    package func blob(of digest: Digest) -> SealedBlob? {
        state.withLock { state in
            state.snapshot.modules.first { $0.blob.digest == digest }?.blob ?? state.retention[digest]?.blob
        }
    }

    package func keep(_ blob: SealedBlob, from origin: String, lastUsed: Int64?) throws(CatalogError) {
        try Admission.requireAdmissible(blob, named: "\(blob.digest) from \(origin)")
        guard blob.count <= largestKept else {
            throw .inadmissible(
                "\(blob.digest) from \(origin)",
                "has \(blob.count) bytes, and --retain-memory allows \(largestKept)",
                "raise --retain-memory"
            )
        }
        let module = KeptModule(blob: blob, origin: origin, lastUsed: lastUsed, at: now())
        succeed(adopting: module) { $0.keeping($1.modules) }
    }

    package var largestKept: Int { state.withLock { $0.retention.policy.largest } }

    package var room: Int { state.withLock { $0.retention.room } }

    // MARK: Succession

    /// Replaces what is served, and tells the observer if that changes anything.
    ///
    /// - Parameters:
    ///   - module: What a sibling has given.
    ///   - next: Makes the next snapshot of the present one and of what is kept.
    private func succeed(adopting module: KeptModule? = nil, _ next: (Snapshot, Retention) -> Snapshot) {
        state.withLock { state in
            let previous = state.snapshot
            var adopted: [KeptModule] = []
            if let module, !previous.currentDigests.contains(module.blob.digest),
                state.retention[module.blob.digest] == nil
            {
                state.retention.add(module)
                adopted.append(module)
            }
            let found = next(previous, state.retention)
            retire(previous, for: found, &state.retention)
            let dropped = state.retention.trim(at: now())
            let snapshot = found.keeping(state.retention.modules)
            guard !snapshot.isSame(as: previous) else { return }
            state.snapshot = snapshot
            state.observer?(CatalogChange(from: previous, to: snapshot, adopted: adopted, dropped: dropped))
        }
    }

    /// Keeps what was current and is not any more; what is current again need not be kept.
    private func retire(_ previous: Snapshot, for next: Snapshot, _ retention: inout Retention) {
        let now = now()
        let current = next.currentDigests
        var retired: Set<Digest> = Set(retention.modules.map(\.blob.digest))
        for module in previous.modules where !current.contains(module.blob.digest) {
            if retired.insert(module.blob.digest).inserted { retention.add(KeptModule(retired: module, at: now)) }
        }
        retention.remove(current)
    }
}
