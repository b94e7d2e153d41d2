// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Content
internal import ProxyWasm
internal import Synchronization

/// What is served, kept up to date with its sources while it is served.
///
/// 1. ``rescan(_:skipping:)`` compares the sources with what is known of them, and reads what has changed in the same way as at start.
/// 2. One snapshot replaces another whole. What is rejected never replaces what is served.
/// 3. What is no longer current is kept by its digest, within limits; so is what peers give.
package final class LiveCatalog: ModuleStore {
    /// Is told of every change, in order; it must not call back.
    package typealias Observer = @Sendable (CatalogChange) -> Void

    /// A snapshot, and what is kept by its digest.
    private struct Served {
        let snapshot: Snapshot
        let kept: [Digest: KeptModule]

        init(_ snapshot: Snapshot) {
            self.snapshot = snapshot
            kept = Dictionary(snapshot.kept.map { ($0.blob.digest, $0) }, uniquingKeysWith: { first, _ in first })
        }

        func blob(of digest: Digest) -> SealedBlob? { snapshot.current[digest] ?? kept[digest]?.blob }
    }

    private struct State {
        var retention: Retention
        var observer: Observer?
        /// When what is kept was last used, as the observer knows it.
        var toldUses: [Digest: Int64] = [:]
    }

    private let catalog: Catalog
    private let policy: RetentionPolicy
    private let now: @Sendable () -> ClockReading
    /// Held for a moment only, so that event loops can look bytes up.
    private let served: Mutex<Served>
    /// Held until a change is reported, so that changes are reported one after another.
    private let state: Mutex<State>
    /// Held for the length of a look, so that there is only one at a time.
    private let detector: Mutex<ChangeDetector>

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
        now: @escaping @Sendable () -> ClockReading = { .now }
    ) throws(CatalogError) {
        self.catalog = catalog
        self.policy = policy
        self.now = now
        let loaded = try catalog.read()
        // That a disk is cold at first tells nothing of what looks will take.
        _ = catalog.sources.takeCosts()
        let snapshot = Snapshot(loaded, after: nil, now: now().date)
        served = Mutex(Served(snapshot))
        state = Mutex(State(retention: Retention(policy: policy)))
        detector = Mutex(ChangeDetector(loaded))
    }

    /// What is served now.
    package var snapshot: Snapshot { served.withLock { $0.snapshot } }

    /// Tells an observer of every change from what is served now, which is returned.
    package func observe(_ observer: @escaping Observer) -> Snapshot {
        state.withLock { state in
            state.observer = observer
            return snapshot
        }
    }

    // MARK: Reload

    /// Scans the sources, takes over what has changed, and drops what has been kept long enough; it may wait for the
    /// disk.
    ///
    /// A source that does not answer in time stays as it is, and its scan goes on by itself.
    ///
    /// - Parameters:
    ///   - reason: Why.
    ///   - skipped: Sources that are not looked at, by their numbers.
    /// - Returns: What it took to see whether anything has changed, without reading what has.
    @discardableResult
    package func rescan(_ reason: ReloadReason, skipping skipped: Set<Int> = []) -> ScanCosts {
        detector.withLock { detector in
            let start = platform_thread_nanoseconds()
            let scan = catalog.scan(.aWhile, skipping: skipped)
            if reason == .rehash { catalog.sources.verify(detector.loaded) }
            for news in catalog.sources.takeNews() where !news.isEmpty { detector.loaded.learn(news) }
            let reading = detector.reading(of: scan, reason, objection: catalog.objection)
            let comparison = Duration.nanoseconds(platform_thread_nanoseconds() - start)
            if let reading {
                take(reading, of: scan, skipping: skipped, reason, &detector)
            } else {
                succeed { $0.keeping($1.modules) }
            }
            return ScanCosts(sources: catalog.sources.takeCosts(), comparison: comparison)
        }
    }

    /// How it stands with the checks of each source.
    package var checks: [SourceCheck] { catalog.checks }

    private func take(
        _ reading: ChangeDetector.Reading,
        of scan: SourceScan,
        skipping skipped: Set<Int>,
        _ reason: ReloadReason,
        _ detector: inout ChangeDetector
    ) {
        do throws(CatalogError) {
            let loaded = try catalog.read(
                knowing: reading.known,
                excluding: reading.unsettled,
                skipping: skipped,
                waiting: .aWhile
            )
            guard detector.accepts(loaded, reason) else { return }
            detector.loaded = loaded
            detector.rejection = nil
            let refilling = detector.refilling
            succeed { snapshot, _ in
                let next = Snapshot(loaded, after: snapshot, refilling: refilling, now: self.now().date)
                // What is served on of sources that cannot be looked at counts, too.
                return self.catalog.excess(next.modules.count).map(snapshot.rejecting) ?? next
            }
            detector.loaded.share(snapshot.modules)
        } catch {
            // So nothing was found out, of any source.
            let unfinished = Set(scan.sources.indices)
            detector.loaded = LoadResult(scan: scan, outcomes: reading.known, unfinished: unfinished, isSettled: true)
            detector.rejection = error
            succeed { snapshot, _ in snapshot.rejecting(error) }
        }
    }

    // MARK: Keeping

    package func blob(of digest: Digest) -> SealedBlob? { served.withLock { $0.blob(of: digest) } }

    package func holds(announced digest: Digest) -> Bool {
        let (isHere, kept) = served.withLock { ($0.blob(of: digest) != nil, $0.kept[digest]) }
        if let kept, kept.reason == .sought {
            state.withLock { state in
                if kept.blob.count <= state.retention.room { kept.wasAnnounced() }
            }
        }
        return isHere
    }

    @discardableResult
    package func keep(
        _ blob: SealedBlob,
        from origin: String,
        for reason: KeptModule.Reason,
        lastUsed: Int64?
    ) throws(CatalogError) -> SealedBlob? {
        let content = try AdmittedBlob(blob, by: catalog.admission.ofKept, named: "\(blob.digest) from \(origin)")
        guard blob.count <= largestTaken else {
            let names = catalog.limitNames
            throw .inadmissible(
                "\(blob.digest) from \(origin)",
                "has \(blob.count) bytes, and \(names.moduleSize) and \(names.memory) allow \(largestTaken)",
                "raise them"
            )
        }
        let module = KeptModule(
            content: content,
            origin: origin,
            reason: reason,
            lastUsed: lastUsed,
            at: now(),
            policy: policy
        )
        if !state.withLock({ $0.retention.hasRoom(for: blob.count) }) {
            // What goes is in memory until nobody uses it any more: only then it is known whether there is room.
            succeed(makingRoomFor: blob.count) { $0.keeping($1.modules) }
        }
        succeed(adopting: module) { $0.keeping($1.modules) }
        let kept = self.blob(of: blob.digest)
        let (retention, isScarce) = (state.withLock { $0.retention }, kept == nil)
        // Until it is sent it takes its memory, too.
        if isScarce { retention.note(blob) }
        retention.released.isAwaited = isScarce
        return kept
    }

    /// The largest module that is kept once it is replaced, in bytes; 0 if none is.
    package var largestKept: Int { policy.largest }

    package var largestTaken: Int { min(policy.largest, catalog.maximumModuleSize) }

    package var earliestUse: Int64 {
        let now = now()
        return now.date(at: policy.earliestUse(at: now))
    }

    package var room: Int { state.withLock { $0.retention.room } }

    // MARK: Replacing

    /// Replaces what is served, and tells the observer if that changes anything, be it only when something was last
    /// used.
    ///
    /// - Parameters:
    ///   - module: What a peer has given; it is kept only if there is room.
    ///   - count: For how many bytes of a peer to make room.
    ///   - next: Makes the next snapshot of the present one and of what is kept.
    private func succeed(
        adopting module: KeptModule? = nil,
        makingRoomFor count: Int? = nil,
        _ next: (Snapshot, Retention) -> Snapshot
    ) {
        state.withLock { state in
            let previous = snapshot
            var adopted: [KeptModule] = []
            if let module, previous.current[module.blob.digest] == nil,
                state.retention[module.blob.digest] == nil, state.retention.hasRoom(for: module.blob.count)
            {
                state.retention.add(module)
                adopted.append(module)
            }
            let found = next(previous, state.retention)
            retire(previous, for: found, &state.retention)
            var dropped = state.retention.trim(at: now())
            if let count { dropped += state.retention.makeRoom(for: count) }
            if let module, dropped.contains(where: { $0.module === module }) {
                // There was no room, so it never was here.
                adopted = []
                dropped.removeAll { $0.module === module }
            }
            state.retention.note(dropped)
            let uses = state.retention.uses
            let next = found.keeping(state.retention.modules)
            guard !next.isSame(as: previous) || policy.isOverdue(uses, told: state.toldUses) else { return }
            replace(Served(next))
            state.toldUses = uses
            state.observer?(CatalogChange(from: previous, to: next, adopted: adopted, dropped: dropped))
        }
    }

    /// Replaces what is served; what nobody holds any more is freed when the lock is free again.
    private func replace(_ next: Served) {
        _ = served.withLock { served in
            defer { served = next }
            return served
        }
    }

    /// Keeps what was current and is not any more; what is current again need not be kept.
    private func retire(_ previous: Snapshot, for next: Snapshot, _ retention: inout Retention) {
        let now = now()
        let current = next.current
        var retired: Set<Digest> = Set(retention.modules.map(\.blob.digest))
        for module in previous.modules where current[module.blob.digest] == nil {
            if retired.insert(module.blob.digest).inserted { retention.add(KeptModule(retired: module, at: now)) }
        }
        retention.remove(retired.filter { current[$0] != nil })
    }
}
