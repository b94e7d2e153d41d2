// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("What peers do badly")
struct WarningThrottleTests {
    private let start = ContinuousClock.now
    private let listing = WarningThrottle.Subject(peer: "a", failure: "status", endsWithList: true)
    private let giving = WarningThrottle.Subject(peer: "a", failure: "fetch_status", endsWithList: false)

    @Test("is told once a minute, for each peer and failure")
    func once() {
        var warnings = WarningThrottle()
        let other = WarningThrottle.Subject(peer: "b", failure: "status", endsWithList: true)
        let told = [(0, listing), (59, listing), (59, giving), (59, other), (60, listing)].map { second, subject in
            warnings.note(subject, at: start + .seconds(second))
        }
        #expect(told == [true, false, true, true, true])
    }

    @Test("is told once a minute of one that fails and answers in turn, and so is that it answers")
    func flapping() {
        var warnings = WarningThrottle()
        var lines = 0
        for second in 0..<120 {
            if warnings.note(listing, at: start + .seconds(second)) { lines += 1 }
            if warnings.end(of: "a") { lines += 1 }
        }
        #expect(lines == 4)
    }

    @Test("is not over when a peer lists that does not give")
    func notGiving() {
        var warnings = WarningThrottle()
        let isTold = warnings.note(giving, at: start)
        let areOver = ["a", "b"].map { warnings.end(of: $0) }
        #expect(isTold)
        #expect(areOver == [false, false])
    }

    @Test("takes no more memory than 1024 of them need, and those of the last minute go on being told once")
    func bounded() {
        var warnings = WarningThrottle()
        func subject(_ number: Int) -> WarningThrottle.Subject {
            WarningThrottle.Subject(peer: "\(number)", failure: "status", endsWithList: true)
        }
        let told = (0..<1024).map { warnings.note(subject($0), at: start) }
        #expect(!told.contains(false))
        let later = [(59, 1024), (59, 7), (60, 1024)].map { second, number in
            warnings.note(subject(number), at: start + .seconds(second))
        }
        #expect(later == [false, false, true])
    }
}
