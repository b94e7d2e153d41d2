// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What is kept by its digest, in the order in which it came.
///
/// A part of the room is for what searches bring, and so is whatever else is free. For that nothing else has to go, since
/// anyone can have something searched for.
struct Retention: Sendable {
    let policy: RetentionPolicy
    private(set) var modules: [KeptModule] = []
    /// What is no longer kept and is still in memory, as it is being sent.
    let released = SealedTally()

    init(policy: RetentionPolicy) {
        self.policy = policy
    }

    /// How many bytes more that peers announce can be kept, without anything going but what searches have brought.
    var room: Int {
        var load = Load()
        for module in modules where module.reason != .sought { load.add(policy.memory(of: module.blob.count)) }
        guard load.count < load.maximumCount(policy, sought: false), policy.largest > 0 else { return 0 }
        let most = min(load.maximumMemory(policy, sought: false), policy.memory - released.byteCount)
        return max(most - load.memory - policy.memory(of: 0), 0)
    }

    /// When each was last used, by ``ClockReading/uptime``.
    var uses: [Digest: Int64] {
        Dictionary(modules.map { ($0.blob.digest, $0.lastUsed) }, uniquingKeysWith: { max($0, $1) })
    }

    subscript(digest: Digest) -> KeptModule? { modules.first { $0.blob.digest == digest } }

    /// Keeps a module beside the others.
    mutating func add(_ module: KeptModule) {
        modules.append(module)
    }

    /// Takes out modules that are current again.
    mutating func remove(_ digests: Set<Digest>) {
        modules.removeAll { digests.contains($0.blob.digest) }
    }

    /// Drops what has been kept for long enough, and what is too much: what searches have brought first, what was
    /// served here last, and of each the least recently used first.
    mutating func trim(at now: ClockReading) -> [DroppedModule] {
        var dropped = modules.filter { $0.lastUsed + policy.time <= now.uptime }.map {
            DroppedModule(module: $0, cause: .time)
        }
        let ranked = modules.reversed().map { (module: $0, reason: $0.reason.rawValue, use: $0.lastUsed) }
            .sorted { $0.reason != $1.reason ? $0.reason < $1.reason : $0.use > $1.use }
        var load = Load()
        for (module, reason, use) in ranked where use + policy.time > now.uptime {
            let memory = policy.memory(of: module.blob.count)
            let isSought = reason == KeptModule.Reason.sought.rawValue
            if load.memory + memory > load.maximumMemory(policy, sought: isSought) {
                dropped.append(DroppedModule(module: module, cause: .memory))
            } else if load.count >= load.maximumCount(policy, sought: isSought) {
                dropped.append(DroppedModule(module: module, cause: .count))
            } else {
                load.add(memory)
            }
        }
        let gone = Set(dropped.map(\.module.blob.digest))
        if !gone.isEmpty { modules.removeAll { gone.contains($0.blob.digest) } }
        return dropped
    }

    /// What some of the modules take.
    private struct Load {
        var memory = 0
        var count = 0

        mutating func add(_ memory: Int) {
            self.memory += memory
            count += 1
        }

        /// What all may take with the next; alone, a large one may need more than is left beside searches.
        func maximumMemory(_ policy: RetentionPolicy, sought: Bool) -> Int {
            sought || count == 0 ? policy.memory : policy.memory - policy.soughtMemory
        }

        func maximumCount(_ policy: RetentionPolicy, sought: Bool) -> Int {
            sought || count == 0 ? policy.count : policy.count - policy.soughtCount
        }
    }
}

/// A module that is no longer kept.
package struct DroppedModule: Sendable {
    /// What made it go.
    package enum Cause: String, Sendable, CaseIterable {
        /// It was not fetched for as long as modules are kept.
        case time
        /// Others, that were fetched later, need the memory.
        case memory
        /// There are too many others that were fetched later.
        case count
    }

    /// The module.
    package let module: KeptModule
    /// What made it go.
    package let cause: Cause
}

/// The room for what peers give: it has to be free in memory, and not only in the list of what is kept.
///
/// What is dropped stays in memory for as long as it is being sent to anyone.
extension Retention {
    /// Whether there is room in memory for a module of so many bytes.
    func hasRoom(for count: Int) -> Bool { occupancy.hasRoom(for: count, policy) }

    /// Drops what searches have brought, the least recently used first, until there is room for a module of so many
    /// bytes; nothing, if that would not make enough.
    ///
    /// A dropped module that is being sent leaves no room yet.
    mutating func makeRoom(for count: Int) -> [DroppedModule] {
        var occupancy = occupancy
        var leaving: [DroppedModule] = []
        for module in modules.filter({ $0.reason == .sought }).sorted(by: { $0.lastUsed < $1.lastUsed })
        where !occupancy.hasRoom(for: count, policy) {
            leaving.append(DroppedModule(module: module, cause: occupancy.count < policy.count ? .memory : .count))
            occupancy.memory -= policy.memory(of: module.blob.count)
            occupancy.count -= 1
        }
        guard occupancy.hasRoom(for: count, policy) else { return [] }
        remove(Set(leaving.map(\.module.blob.digest)))
        return leaving
    }

    /// Counts what was dropped until it is no longer in memory, which is needed if that is more than may be kept.
    func note(_ dropped: [DroppedModule]) {
        for dropped in dropped { note(dropped.module.blob) }
        if !dropped.isEmpty, occupancy.memory > policy.memory { released.isAwaited = true }
    }

    /// Counts what is not kept until it is no longer in memory.
    func note(_ blob: SealedBlob) { released.count(blob, as: policy.memory(of: blob.count)) }

    /// What is kept, and what was dropped and is being sent.
    private var occupancy: Occupancy {
        modules.reduce(into: Occupancy(memory: released.byteCount, count: released.count)) { occupancy, module in
            occupancy.memory += policy.memory(of: module.blob.count)
            occupancy.count += 1
        }
    }
}

/// What modules take.
private struct Occupancy {
    var memory: Int
    var count: Int

    func hasRoom(for count: Int, _ policy: RetentionPolicy) -> Bool {
        memory + policy.memory(of: count) <= policy.memory && self.count < policy.count
    }
}
