// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerInterface
internal import Synchronization

/// The clients that have fetched modules, or tried to: what this process has seen, and what its peers tell.
///
/// It is a bounded memory. Those who were never given anything are forgotten first, then those of whom only peers have told; among
/// equals those who came the longest ago.
package final class Fleet: Sendable {
    private struct Entry {
        var record: ClientRecord
        /// The ``State/revision`` that brought the last news of it.
        var revision: Int
    }

    private struct State {
        var clients: [ClientKey: Entry] = [:]
        /// What all ``clients`` weigh.
        var weight = 0
        var revision = 0
        var forgotten = 0
        /// When it was last looked who is too long ago.
        var lastSweep = Int64.min
        var recorders: [FleetRecorder] = []
        var modules = DatedModules()
        /// The ``revision`` that brought the last news of them.
        var modulesRevision = 0
    }

    /// How much it holds.
    let limits: FleetLimits
    private let proxies: TrustedProxies
    /// The present, in seconds since 1970.
    let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// How often it is looked who is too long ago, in seconds.
    private static let sweepPeriod: Int64 = 60

    /// An empty memory.
    ///
    /// - Parameters:
    ///   - limits: How much it holds.
    ///   - proxies: Whose `X-Forwarded-For` tells who a client is.
    ///   - now: The present, in seconds since 1970.
    package init(limits: FleetLimits, trusting proxies: TrustedProxies, now: @escaping @Sendable () -> Int64) {
        (self.limits, self.proxies, self.now) = (limits, proxies, now)
    }

    /// An observer of exchanges that remembers those that were fetches; each thread should have one of its own.
    package func recorder() -> FleetRecorder {
        let recorder = FleetRecorder(now: now) { [weak self] in self?.take($0) }
        state.withLock { $0.recorders.append(recorder) }
        return recorder
    }

    // MARK: Modules

    /// What is served by name, since when by the replica that has served it for the longest.
    package var modules: [RolloutModule] { state.withLock(\.modules.dated) }

    /// Something else is served by name from now on.
    package func serve(_ modules: [RolloutModule]) {
        let now = now()
        state.withLock { state in change(&state) { $0.serve(modules, at: now) } }
    }

    /// Takes in since when another replica says that it serves what: not longer ago than anyone is remembered.
    func merge(_ modules: [FleetNews.Module]) {
        let oldest = now() - limits.lifetime
        state.withLock { state in change(&state) { $0.note(modules, notBefore: oldest) } }
    }

    private func change(_ state: inout State, _ change: (inout DatedModules) -> Void) {
        let before = state.modules.dated
        change(&state.modules)
        guard state.modules.dated != before else { return }
        state.revision += 1
        state.modulesRevision = state.revision
    }

    // MARK: What is known

    /// Everyone who is remembered, in no order.
    package var clients: [ClientRecord] {
        gather()
        return state.withLock { $0.clients.values.map(\.record) }
    }

    /// How many clients and fetches were forgotten to make room.
    package var forgottenCount: Int { state.withLock(\.forgotten) }

    /// What has become known since.
    ///
    /// - Parameter revision: The number of the last that was known; 0 for everything.
    /// - Returns: Everyone of whom there is news, with its number, the oldest news first; and what is served by name with its
    ///   number, if there is news of that.
    func changes(after revision: Int) -> (
        clients: [(client: ClientRecord, revision: Int)], modules: (all: [RolloutModule], revision: Int)?
    ) {
        gather()
        let (news, modules) = state.withLock { state in
            (
                state.clients.values.filter { $0.revision > revision },
                state.modulesRevision > revision ? (state.modules.dated, state.modulesRevision) : nil
            )
        }
        return (news.sorted { $0.revision < $1.revision }.map { ($0.record, $0.revision) }, modules)
    }

    // MARK: What comes

    /// Takes in what the recorders have seen.
    package func gather() {
        for recorder in state.withLock(\.recorders) { recorder.settle() }
        sweep()
    }

    private func take(_ observations: [FetchObservation]) {
        let records = observations.map { $0.record(trusting: proxies) }
        state.withLock { state in
            for record in records { merge(record, &state) }
        }
    }

    /// Takes in what is known otherwise.
    func merge(_ records: [ClientRecord]) {
        state.withLock { state in
            for record in records { merge(record, &state) }
        }
    }

    private func merge(_ record: ClientRecord, _ state: inout State) {
        let now = now()
        guard record.last >= now - limits.lifetime else { return }
        // What was noted before the clock was set back is not later than what comes now.
        var record = record
        _ = record.settle(at: now)
        guard var entry = state.clients[record.key] else {
            state.revision += 1
            state.clients[record.key] = Entry(record: record, revision: state.revision)
            state.weight += record.weight
            return makeRoom(&state)
        }
        let before = entry.record.weight
        let isSettled = entry.record.settle(at: now)
        let (isNews, forgotten) = entry.record.merge(record)
        guard isNews || isSettled else { return }
        state.revision += 1
        entry.revision = state.revision
        state.clients[record.key] = entry
        state.weight += entry.record.weight - before
        state.forgotten += forgotten
        makeRoom(&state)
    }

    /// Forgets the oldest if there are too many: more than one at a time, as they are to be looked for among all.
    private func makeRoom(_ state: inout State) {
        let mostWeight = limits.weight
        let isFull = state.clients.count > limits.clients + limits.clients / 16
        guard isFull || state.weight > mostWeight + mostWeight / 16 else { return }
        let order = state.clients.values.map { entry in
            // Strangers have asked for anything, and got nothing.
            (entry.record.hasHadAnything ? 1 : 0, entry.record.isSeenHere ? 1 : 0, entry.record.last, entry.record.key)
        }
        .sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }
        for client in order {
            guard state.clients.count > limits.clients || state.weight > mostWeight else { break }
            forget(client.3, &state)
            state.forgotten += 1
        }
    }

    private func sweep() {
        let now = now()
        let oldest = now - limits.lifetime
        state.withLock { state in
            guard now - Self.sweepPeriod >= state.lastSweep || now < state.lastSweep else { return }
            state.lastSweep = now
            for (key, entry) in state.clients where entry.record.last < oldest { forget(key, &state) }
            for (key, entry) in state.clients where entry.record.last > now { settle(key, entry, at: now, &state) }
            change(&state) { $0.settle(at: now) }
        }
    }

    /// Whoever comes now must not seem to have come before, if the clock was set back.
    private func settle(_ key: ClientKey, _ entry: Entry, at now: Int64, _ state: inout State) {
        var entry = entry
        guard entry.record.settle(at: now) else { return }
        state.revision += 1
        entry.revision = state.revision
        state.clients[key] = entry
    }

    private func forget(_ key: ClientKey, _ state: inout State) {
        guard let gone = state.clients.removeValue(forKey: key) else { return }
        state.weight -= gone.record.weight
    }
}
