// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import TestSupport
import Testing

@testable import ModuleCatalog

@Suite("What was served")
struct ModuleHistoryTests {
    private let one = WasmModule.ofSize(1000, seed: 1)
    private let two = WasmModule.ofSize(1000, seed: 2)

    /// A snapshot of a folder that was read at a time.
    private func snapshot(_ modules: [String: [UInt8]], at time: Int64, after previous: Snapshot? = nil) throws
        -> Snapshot
    {
        let sources = try modules.sorted { $0.key < $1.key }.map { Source.embedded(try ModulePath($0.key), $0.value) }
        let catalog = Catalog(sources: sources, maximumModuleSize: 10_000)
        return Snapshot(try catalog.read(), after: previous, now: time)
    }

    private func path(_ text: String) throws -> ModulePath { try ModulePath(text) }

    @Test("is told with when it began and when it ended, the last first")
    func periods() throws {
        var history = ModuleHistory()
        let first = try snapshot(["a.wasm": one], at: 100)
        history.serve(first, now: 100)
        let second = try snapshot(["a.wasm": two], at: 200, after: first)
        history.serve(second, now: 205)
        let told = history[try path("a.wasm")]
        #expect(told.map(\.digest) == [Digest(of: two), Digest(of: one)])
        #expect(told.map(\.since) == [200, 100])
        #expect(told.map(\.until) == [nil, 200])
    }

    @Test("is not told anew where nothing changed")
    func unchanged() throws {
        var history = ModuleHistory()
        let first = try snapshot(["a.wasm": one], at: 100)
        history.serve(first, now: 100)
        history.serve(try snapshot(["a.wasm": one, "b.wasm": two], at: 150, after: first), now: 150)
        #expect(history[try path("a.wasm")].count == 1)
    }

    @Test("ends where a module goes, and begins again where it comes back")
    func withdrawn() throws {
        var history = ModuleHistory()
        history.serve(try snapshot(["a.wasm": one, "b.wasm": two], at: 100), now: 100)
        history.serve(try snapshot(["b.wasm": two], at: 100), now: 300)
        #expect(history[try path("a.wasm")].map(\.until) == [300])
        history.serve(try snapshot(["a.wasm": one, "b.wasm": two], at: 400), now: 400)
        #expect(history[try path("a.wasm")].map(\.since) == [400, 100])
        #expect(history[try path("a.wasm")].map(\.until) == [nil, 300])
    }

    @Test("is told up to a limit, of which the oldest goes first")
    func limits() throws {
        var history = ModuleHistory()
        for time in 0..<100 {
            let bytes = WasmModule.ofSize(1000, seed: UInt8(time))
            history.serve(try snapshot(["a.wasm": bytes], at: Int64(time)), now: Int64(time))
        }
        let told = history[try path("a.wasm")]
        #expect(told.map(\.since) == (68..<100).reversed().map(Int64.init))
    }
}
