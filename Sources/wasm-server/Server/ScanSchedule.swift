// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog

/// When the sources are scanned, so that scans take little of a processor and of what is far away.
///
/// Each source rests by itself, by what its scan took: one that holds a million files keeps no other from being scanned every
/// second.
struct ScanSchedule {
    /// The longest that files which are far away are left alone, and how many times as long as it took to scan them.
    private static let longestPause = Duration.seconds(5)
    private static let idleness = 50
    /// Sources rest for so many times the processor time of scanning all of them.
    ///
    /// There is no scan at all for so many times that of comparing what they offer. Together that takes less than a
    /// twentieth of a core.
    private static let thrift = 40

    /// When there is a scan at all, whether or not a source rests.
    private(set) var next: ContinuousClock.Instant
    /// Until when each source rests, by its number.
    private var rests: [Int: ContinuousClock.Instant] = [:]

    /// A schedule whose first scan is due.
    init(at now: ContinuousClock.Instant) { next = now }

    /// The sources that rest now, by their numbers.
    func resting(at now: ContinuousClock.Instant) -> Set<Int> { Set(rests.filter { $0.value > now }.keys) }

    /// Records what a scan took.
    mutating func note(_ costs: ScanCosts, at now: ContinuousClock.Instant) {
        next = now + costs.comparison * Self.thrift
        for (source, cost) in costs.sources.enumerated() where cost.duration > .zero {
            let share = Self.thrift * costs.sources.count
            rests[source] = now + max(min(cost.duration * Self.idleness, Self.longestPause), cost.processor * share)
        }
    }
}
