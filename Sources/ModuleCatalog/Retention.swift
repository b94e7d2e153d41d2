// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What is kept by its digest, in the order in which it came.
struct Retention: Sendable {
    let policy: RetentionPolicy
    private(set) var modules: [KeptModule] = []

    init(policy: RetentionPolicy) {
        self.policy = policy
    }

    /// How many bytes more can be kept before something has to go.
    var room: Int {
        guard modules.count < policy.count, policy.largest > 0 else { return 0 }
        let free = policy.memory - modules.reduce(0) { $0 + policy.memory(of: $1.blob.count) } - policy.memory(of: 0)
        return max(free, 0)
    }

    /// When each was last used, by ``Moment/uptime``.
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

    /// Lets go of what has been kept for long enough, and of what is too much: first of what was not used for longest.
    ///
    /// - Parameter now: The present.
    /// - Returns: What is no longer kept.
    mutating func trim(at now: Moment) -> [DroppedModule] {
        var dropped = modules.filter { $0.lastUsed + policy.time <= now.uptime }.map {
            DroppedModule(module: $0, cause: .time)
        }
        var size = 0
        var count = 0
        let byUse = modules.reversed().sorted { $0.lastUsed > $1.lastUsed }
        for module in byUse where module.lastUsed + policy.time > now.uptime {
            let memory = policy.memory(of: module.blob.count)
            size += memory
            count += 1
            guard size > policy.memory || count > policy.count else { continue }
            dropped.append(DroppedModule(module: module, cause: size > policy.memory ? .memory : .count))
            size -= memory
            count -= 1
        }
        let gone = Set(dropped.map(\.module.blob.digest))
        if !gone.isEmpty { modules.removeAll { gone.contains($0.blob.digest) } }
        return dropped
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
