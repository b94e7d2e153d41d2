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
        var finding: Finding?
        /// How they were when they were last looked at, if that was not taken yet.
        var unsettled: Survey?
        /// How often in a row they were never the same.
        var restlessness = 0
    }

    /// How often the sources may be found changing until that is reported.
    private static let mostRestlessLooks = 10

    private let catalog: Catalog
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>
    /// Held for the length of a look, so that there is only one at a time.
    private let memory: Mutex<Memory>

    /// Loads everything that the sources offer; it waits for the disk.
    ///
    /// - Parameters:
    ///   - catalog: Where the modules come from.
    ///   - policy: What is kept.
    ///   - now: Tells the present, in seconds since 1970.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    package init(
        _ catalog: Catalog,
        keeping policy: RetentionPolicy,
        now: @escaping @Sendable () -> Int64
    ) throws(CatalogError) {
        self.catalog = catalog
        self.now = now
        let finding = try catalog.read()
        let snapshot = Snapshot(finding, after: nil, now: now())
        state = Mutex(State(snapshot: snapshot, retention: Retention(policy: policy)))
        memory = Mutex(Memory(finding: finding))
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
    package func look(_ occasion: Occasion) {
        memory.withLock { memory in
            guard let survey = changedSurvey(occasion, &memory) else {
                succeed { $0.keeping($1.modules) }
                return
            }
            let known = memory.finding?.outcomes(verified: occasion == .rehash) ?? [:]
            do throws(CatalogError) {
                let finding = try catalog.read(knowing: known)
                guard finding.isSettled || occasion != .poll || isTooRestless(&memory) else {
                    memory.unsettled = survey
                    return
                }
                memory.finding = finding
                memory.unsettled = nil
                if finding.isSettled { memory.restlessness = 0 }
                succeed { snapshot, _ in Snapshot(finding, after: snapshot, now: self.now()) }
                memory.finding?.share(snapshot.modules)
            } catch {
                memory.finding = Finding(survey: survey, outcomes: known, isSettled: true)
                memory.unsettled = nil
                succeed { snapshot, _ in snapshot.refusing(error) }
            }
        }
    }

    /// How the sources are now; nil if there is nothing to take over, or not yet.
    private func changedSurvey(_ occasion: Occasion, _ memory: inout Memory) -> Survey? {
        let survey = catalog.survey()
        guard occasion == .poll, let known = memory.finding else { return survey }
        guard survey != known.survey || !known.isSettled else {
            memory.unsettled = nil
            memory.restlessness = 0
            return nil
        }
        if survey == memory.unsettled || survey.differsAtomically(from: known.survey) || isTooRestless(&memory) {
            return survey
        }
        memory.unsettled = survey
        return nil
    }

    private func isTooRestless(_ memory: inout Memory) -> Bool {
        memory.restlessness += 1
        return memory.restlessness >= Self.mostRestlessLooks
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
        let now = now()
        let module = KeptModule(blob: blob, origin: origin, at: now, lastUsed: min(lastUsed ?? now, now))
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
            if let module, !previous.isCurrent(module.blob.digest), state.retention[module.blob.digest] == nil {
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
        for module in previous.modules where !next.isCurrent(module.blob.digest) {
            if retention[module.blob.digest] == nil { retention.add(KeptModule(retired: module, at: now)) }
        }
        for module in next.modules { retention.remove(module.blob.digest) }
    }
}
