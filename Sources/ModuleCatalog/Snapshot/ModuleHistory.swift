// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What was served at each path, and when, since this process runs.
package struct ModuleHistory: Sendable {
    /// Bytes that were served at a path for a while.
    package struct Period: Hashable, Sendable {
        /// Their digest.
        package let digest: Digest
        /// Since when, in seconds since 1970.
        package let since: Int64
        /// Until when, in seconds since 1970; nil if they still are.
        package internal(set) var until: Int64?
    }

    /// The most periods that are remembered of a path: the last ones.
    private static let mostOfPath = 32
    /// The most paths of which more is remembered than what is served.
    private static let mostPaths = 1024

    private var periods: [ModulePath: [Period]] = [:]

    /// Nothing was served yet.
    package init() {}

    /// Notes what is served from now on, in seconds since 1970.
    package mutating func serve(_ snapshot: Snapshot, now: Int64) {
        let served = Dictionary(uniqueKeysWithValues: snapshot.modules.map { ($0.path, $0) })
        for path in periods.keys where served[path] == nil { end(path, at: now) }
        for (path, module) in served where periods[path]?.first?.isOf(module) != true {
            end(path, at: module.since)
            let period = Period(digest: module.blob.digest, since: module.since)
            periods[path] = Array(([period] + (periods[path] ?? [])).prefix(Self.mostOfPath))
        }
        forget(served)
    }

    /// What was served at a path, the last first.
    package subscript(_ path: ModulePath) -> [Period] { periods[path] ?? [] }

    private mutating func end(_ path: ModulePath, at time: Int64) {
        guard let last = periods[path]?.first, last.until == nil else { return }
        periods[path]?[0].until = max(time, last.since)
    }

    /// Forgets what was before, of the paths that changed longest ago, where there is too much of it.
    private mutating func forget(_ served: [ModulePath: Module]) {
        let changed = periods.filter { $0.value.count > 1 || $0.value.first?.until != nil }
        guard changed.count > Self.mostPaths else { return }
        let last = { (periods: [Period]) in periods.first?.until ?? periods.first?.since ?? 0 }
        for (path, _) in changed.sorted(by: { last($0.value) < last($1.value) }).prefix(changed.count - Self.mostPaths)
        {
            periods[path] = served[path] == nil ? nil : periods[path].map { Array($0.prefix(1)) }
        }
    }
}

extension ModuleHistory.Period {
    fileprivate func isOf(_ module: Module) -> Bool { until == nil && digest == module.blob.digest }
}
