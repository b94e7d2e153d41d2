// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ModuleCatalog
@testable import wasm_server

@Suite("Looks at the sources")
struct SourceWatchTests {
    @Test(
        "take at most a twentieth of a core, however much they cost",
        arguments: [Duration.microseconds(10), .milliseconds(40), .seconds(1), .seconds(300)]
    )
    func share(_ cost: Duration) {
        let pause = SourceWatch.pause(after: LookCost(duration: cost, processor: cost))
        #expect(cost / (cost + pause) <= 0.05)
    }

    @Test("that wait for a volume, rather than work, are five seconds apart at most")
    func slow() {
        let pause = SourceWatch.pause(after: LookCost(duration: .seconds(20), processor: .milliseconds(10)))
        #expect(pause == .seconds(5))
    }
}
