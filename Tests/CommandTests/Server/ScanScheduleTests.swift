// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ModuleCatalog
@testable import wasm_server

@Suite("The schedule of looks at the sources")
struct ScanScheduleTests {
    private static let start = ContinuousClock.now

    /// Until when each source rests after one look, from its beginning to within a millisecond.
    private static func rests(after costs: [ScanCost]) -> [Duration] {
        var schedule = ScanSchedule(at: start)
        schedule.note(ScanCosts(sources: costs, comparison: .zero), at: start)
        return costs.indices.map { source in
            var (low, high) = (0, 1 << 32)
            while low < high {
                let middle = (low + high) / 2
                let isResting = schedule.resting(at: start + .milliseconds(middle)).contains(source)
                (low, high) = isResting ? (middle + 1, high) : (low, middle)
            }
            return .milliseconds(low)
        }
    }

    @Test(
        "lets looks take a twentieth of a core at most, however much each costs and however many sources there are",
        arguments: [1, 2, 64],
        [Duration.milliseconds(1), .milliseconds(40), .seconds(1), .seconds(300)]
    )
    func share(_ count: Int, _ cost: Duration) {
        let look = ScanCost(duration: cost, processor: cost)
        let rest = Self.rests(after: Array(repeating: look, count: count))[0]
        var schedule = ScanSchedule(at: Self.start)
        schedule.note(ScanCosts(sources: [look], comparison: cost), at: Self.start)
        let sources = Double(count) * (cost / (cost + rest))
        let comparison = cost / (cost + (schedule.next - Self.start))
        #expect(sources + comparison <= 0.05)
    }

    @Test("leaves files that are far away alone for five seconds at most")
    func far() {
        #expect(Self.rests(after: [ScanCost(duration: .seconds(20), processor: .milliseconds(10))]) == [.seconds(5)])
    }

    @Test("leaves no source alone for what another costs, and none longer for not having been looked at")
    func neighbours() {
        let cheap = ScanCost(duration: .microseconds(100), processor: .microseconds(100))
        let costly = ScanCost(duration: .seconds(10), processor: .seconds(10))
        let rests = Self.rests(after: [cheap, costly, ScanCost()])
        #expect(rests[0] <= .seconds(1))
        #expect(rests[1] >= .seconds(200))
        #expect(rests[2] == .zero)
    }
}
