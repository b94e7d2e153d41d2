// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The room for what peers give: it has to be free in memory, and not only in the list of what is kept.
///
/// What is let go of stays in memory for as long as it is being sent to anyone.
extension Retention {
    /// Whether there is room in memory for a module of so many bytes.
    func hasRoom(for count: Int) -> Bool { occupancy.hasRoom(for: count, policy) }

    /// Lets go of what searches have brought, of what was not used for longest first, until there is room for a module of so
    /// many bytes; of nothing, if that would not make enough.
    ///
    /// What of it is being sent leaves no room yet.
    ///
    /// - Parameter count: How many bytes.
    /// - Returns: What is no longer kept.
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

    /// Counts what was let go of until it is no longer in memory, which is needed if that is more than may be kept.
    func note(_ dropped: [DroppedModule]) {
        for dropped in dropped { note(dropped.module.blob) }
        if !dropped.isEmpty, occupancy.memory > policy.memory { released.isAwaited = true }
    }

    /// Counts what is not kept until it is no longer in memory.
    func note(_ blob: SealedBlob) { released.count(blob, as: policy.memory(of: blob.count)) }

    /// What is kept, and what was let go of and is being sent.
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
