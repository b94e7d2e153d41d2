// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ModuleCatalog

/// Sources may change at any time, and the server looks at them each second (docs/serving.md).
///
/// So what is wrong with them is told for as long as it is so.
@Suite("Two sources that claim one path")
struct ConflictTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)
    private static let other = WasmModule.ofSize(7000, seed: 3)

    /// `a` has `x.wasm`, `b` does not yet.
    private func withScene(_ body: (CatalogScene) throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "a/x.wasm")
            for name in ["a/y.wasm", "b/z.wasm"] { try folder.write(Self.two, to: name) }
            try body(try CatalogScene(folder, [.path(folder.path("a")), .path(folder.path("b"))]))
        }
    }

    private func remove(_ name: String, in scene: CatalogScene) throws {
        try FileManager.default.removeItem(atPath: scene.folder.path(name))
    }

    private func poll(_ scene: CatalogScene) { for _ in 0..<2 { scene.catalog.rescan(.poll) } }

    @Test("are told to do so until one of them no longer does, whichever it is", arguments: ["a", "b"])
    func mended(_ leaving: String) async throws {
        try await withScene { scene in
            try scene.folder.write(Self.other, to: "b/x.wasm")
            poll(scene)
            #expect(scene.catalog.snapshot.rejected.map(\.error.code) == [.conflict])
            #expect(scene.current["x.wasm"] == Digest(of: Self.one))
            try remove("\(leaving)/x.wasm", in: scene)
            poll(scene)
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.mended == 1)
            #expect(scene.current["x.wasm"] == Digest(of: leaving == "a" ? Self.other : Self.one))
            #expect(scene.current.count == 3)
        }
    }

    @Test("hide neither each other nor what else has come")
    func severalPaths() async throws {
        try await withScene { scene in
            for name in ["b/x.wasm", "b/y.wasm", "b/new.wasm"] { try scene.folder.write(Self.other, to: name) }
            poll(scene)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == ["/x.wasm"])
            try remove("b/x.wasm", in: scene)
            poll(scene)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == ["/y.wasm"])
            #expect(scene.mended == 0)
            try remove("b/y.wasm", in: scene)
            poll(scene)
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.current["new.wasm"] == Digest(of: Self.other))
        }
    }

    @Test("do not make one that is being replaced give way to the other")
    func replaced() async throws {
        try await withScene { scene in
            try scene.folder.write(Self.other, to: "b/x.wasm")
            poll(scene)
            // A file that is written anew is away for a moment.
            try remove("a/x.wasm", in: scene)
            scene.catalog.rescan(.poll)
            #expect(scene.current["x.wasm"] == Digest(of: Self.one))
            try scene.folder.write(Self.two, to: "a/x.wasm")
            poll(scene)
            #expect(scene.current["x.wasm"] == Digest(of: Self.one))
            #expect(scene.catalog.snapshot.rejected.map(\.error.code) == [.conflict])
        }
    }

    @Test("are told of no longer though they did so for a moment, within a look")
    func passing() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["a/x.wasm", "b/x.wasm", "b/z.wasm"] { try folder.write(Self.one, to: name) }
            let sources = ["a", "b"].map { Source.path(folder.path($0)) }
            let lists = Mutex<[Bool]>([])
            var access = SourceAccess(ModuleReader(maximumSize: 1 << 20))
            access.list = { source throws(CatalogError) in
                var listing = try source.listing()
                let hasBoth = lists.withLock { $0.isEmpty ? false : $0.removeFirst() }
                if source == sources[1], !hasBoth { listing.candidates.removeAll { $0.path.text == "x.wasm" } }
                return listing
            }
            let catalog = try LiveCatalog(
                Catalog(sources, access, maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 0, memory: 1, count: 0)
            )
            #expect(catalog.snapshot.isComplete)
            // A look lists each source once, and reading twice more.
            lists.withLock { $0 = [false, false, true, true, true, true] }
            catalog.rescan(.request)
            #expect(catalog.snapshot.rejected.map(\.error.code) == [.conflict])
            #expect(lists.withLock { $0.isEmpty })
            catalog.rescan(.poll)
            #expect(catalog.snapshot.isComplete)
        }
    }
}
