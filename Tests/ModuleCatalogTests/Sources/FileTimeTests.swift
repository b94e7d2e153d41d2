// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import CPlatform
import Testing

@testable import ModuleCatalog

/// A file system may give a file any time: seconds are 64 bits (statx(2)), and some file systems keep all of them.
@Suite("The time of a file")
struct FileTimeTests {
    /// 2026-11-28, by the clock that stamps files.
    private static let now: Int64 = 1_795_000_000_000_000_000

    private static func facts(changed seconds: Int64, _ nanoseconds: Int64 = 0) -> FileSystem.Facts {
        var facts = platform_facts()
        facts.changed_seconds = seconds
        facts.changed_nanoseconds = nanoseconds
        return FileSystem.Facts(facts)
    }

    @Test(
        "may be any: one that is far from the present is not fresh, and ends nothing",
        arguments: [
            // 1717-01-01 and 1600-01-01; 2262-04-12 is the last day that nanoseconds in 64 bits reach, 2263 is not.
            -7_983_874_800, -11_676_096_000, 9_223_372_036, 9_246_182_400, 0, -1, .min, .max, .min + 1, .max - 1,
        ] as [Int64]
    )
    func far(_ seconds: Int64) {
        for nanoseconds in [0, 999_999_999] as [Int64] {
            let facts = Self.facts(changed: seconds, nanoseconds)
            for now in [Self.now, 0, .min, .max] where now / 1_000_000_000 != seconds && seconds.magnitude > 1 {
                #expect(facts.isFresh(at: now) == Self.isNear(seconds, nanoseconds, to: now))
            }
            #expect(!facts.isFresh(at: Self.now))
        }
    }

    /// By the clock's own limits only: the farthest times are as near to the farthest presents as nothing else is.
    private static func isNear(_ seconds: Int64, _ nanoseconds: Int64, to now: Int64) -> Bool {
        let time = Double(seconds) * 1e9 + Double(nanoseconds)
        return (time >= 9.2e18 && now == .max) || (time <= -9.2e18 && now == .min)
    }

    @Test("is fresh a moment after it was written, and not a second later")
    func fresh() {
        let facts = Self.facts(changed: 1_795_000_000)
        #expect(facts.isFresh(at: Self.now + 10_000_000))
        #expect(!facts.isFresh(at: Self.now + 1_000_000_000))
    }

    @Test(
        "of use, as a peer may tell it, may be any: it is at most the present",
        arguments: [.min, -1, 0, 1_795_000_000, .max] as [Int64]
    )
    func moments(_ date: Int64) {
        let moment = ClockReading(date: 1_795_000_000, uptime: 5000)
        #expect(moment.uptime(at: date) <= 5000)
        #expect(moment.date(at: .min) <= 1_795_000_000)
        #expect(moment.date(at: .max) >= 1_795_000_000)
    }
}
