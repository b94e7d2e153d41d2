// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import Testing

@Suite("A time limit")
struct TimeLimitTests {
    @Test("is as long as it is, if no more is given")
    func over() async {
        let isDone = await withTimeLimit(.zero) { await Self.untilCancelled() }
        #expect(!isDone)
    }

    @Test("leaves the time that is given when it is over")
    func extended() async {
        let (hints, continuation) = AsyncStream.makeStream(of: Void.self)
        let isDone = await withTimeLimit(
            .zero,
            extendedBy: {
                continuation.yield()
                return .seconds(600)
            }
        ) {
            // The time is up: what has to be done takes a little longer.
            _ = await hints.first { _ in true }
        }
        #expect(isDone)
    }

    @Test("is not looked at by work that is done in time")
    func done() async {
        let isDone = await withTimeLimit(.seconds(600), extendedBy: { .seconds(600) }) {}
        #expect(isDone)
    }

    private static func untilCancelled() async {
        try? await Task.sleep(for: .seconds(600))
    }
}
