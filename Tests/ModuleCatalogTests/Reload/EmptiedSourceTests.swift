// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import TestSupport
import Testing

@testable import ModuleCatalog

/// A volume that is unmounted leaves an empty directory behind; so does whoever empties one before filling it again.
///
/// A 404 is final to istio-agent, and all replicas share the volume.
@Suite("A source that comes to nothing")
struct EmptiedSourceTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)
    private static let other = WasmModule.ofSize(7000, seed: 3)
    private static let notAModule = Array("<html>".utf8)

    private static func remove(_ names: String..., in scene: CatalogScene) throws {
        for name in names { try FileManager.default.removeItem(atPath: scene.folder.path(name)) }
    }

    /// Expects that a change takes nothing away, that the source is named, and that all is well once it is undone.
    private func expectNothingLost(
        _ files: [String: [UInt8]],
        _ looks: [ReloadReason],
        _ change: (CatalogScene) throws -> Void
    ) async throws {
        try await CatalogScene.with(files) { scene in
            let all = scene.current
            try change(scene)
            for look in looks { scene.catalog.rescan(look) }
            #expect(scene.current == all)
            #expect(scene.kept.isEmpty)
            #expect(scene.catalog.snapshot.rejected.map(\.error.code).contains(.empty))
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject).contains(scene.folder.path))
            try FileManager.default.removeItem(atPath: scene.folder.path)
            for (name, bytes) in files { try scene.folder.write(bytes, to: name) }
            for look in looks { scene.catalog.rescan(look) }
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test(
        "keeps its last good set, whoever looks, and says so until it is filled again",
        arguments: [[ReloadReason.request], [.poll, .poll, .poll], [.rehash, .rehash]]
    )
    func whole(_ looks: [ReloadReason]) async throws {
        try await expectNothingLost(["a.wasm": Self.one, "b/b.wasm": Self.two], looks) { scene in
            try Self.remove("a.wasm", "b", in: scene)
        }
    }

    @Test("is told to be well again when what it is filled with is served, and not a look before")
    func mended() async throws {
        try await CatalogScene.with(["a.wasm": Self.one]) { scene in
            for isFolderGone in [false, true] {
                let (before, bytes) = (scene.mended, isFolderGone ? Self.one : Self.two)
                try FileManager.default.removeItem(
                    atPath: isFolderGone ? scene.folder.path : scene.folder.path("a.wasm")
                )
                for _ in 0..<3 { scene.catalog.rescan(.poll) }
                #expect(!scene.catalog.snapshot.isComplete)
                try scene.folder.write(bytes, to: "a.wasm")
                scene.catalog.rescan(.poll)
                #expect(scene.mended == before)
                #expect(scene.current != ["a.wasm": Digest(of: bytes)])
                scene.catalog.rescan(.poll)
                #expect(scene.current == ["a.wasm": Digest(of: bytes)])
                #expect(scene.mended == before + 1)
            }
        }
    }

    @Test("keeps its last good set where nothing is left but what is rejected")
    func rejected() async throws {
        try await expectNothingLost(["a.wasm": Self.one, "b.wasm": Self.two], [.request]) { scene in
            try Self.remove("a.wasm", "b.wasm", in: scene)
            try scene.folder.write(Self.notAModule, to: "c.wasm")
        }
    }

    @Test("keeps its last good set where another source is as it was")
    func oneOfTwo() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "a/a.wasm")
            try folder.write(Self.two, to: "b/b.wasm")
            let scene = try CatalogScene(folder, [.path(folder.path("a")), .path(folder.path("b"))])
            let all = scene.current
            try FileManager.default.removeItem(atPath: folder.path("b/b.wasm"))
            scene.catalog.rescan(.request)
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [folder.path("b")])
        }
    }

    @Test("keeps what has not come back yet while it is filled file by file, until it has been at rest for ten looks")
    func refilled() async throws {
        let files = ["a.wasm": Self.one, "b.wasm": Self.two, "c.wasm": Self.other]
        try await CatalogScene.with(files) { scene in
            let all = scene.current
            try Self.remove("a.wasm", "b.wasm", "c.wasm", in: scene)
            for _ in 0..<3 { scene.catalog.rescan(.poll) }
            // Half of a file first: nobody knows what becomes of the others.
            try scene.folder.write(Array(Self.one.prefix(100)), to: "a.wasm")
            for _ in 0..<3 { scene.catalog.rescan(.poll) }
            #expect(scene.current == all)
            try scene.folder.write(Self.one, to: "a.wasm")
            for _ in 0..<9 { scene.catalog.rescan(.poll) }
            #expect(scene.current == all)
            try scene.folder.write(Self.two, to: "b.wasm")
            for _ in 0..<9 { scene.catalog.rescan(.poll) }
            #expect(scene.current == all)
            for _ in 0..<4 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm", "b.wasm"])
            #expect(scene.kept == [Digest(of: Self.other)])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("keeps what is gone when the only other file is half written, and never was seen empty")
    func torn() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            let all = scene.current
            try Self.remove("b.wasm", in: scene)
            for count in 0..<3 {
                try scene.folder.write(Array(Self.one.prefix(100 + count)), to: "a.wasm")
                scene.catalog.rescan(.poll)
                #expect(scene.current == all)
            }
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.current == all)
        }
    }

    @Test("is taken as it is by whoever says that it is complete, and one file of several may go at any time")
    func withdrawn() async throws {
        let files = ["a.wasm": Self.one, "team/b.wasm": Self.two, "team/c.wasm": Self.other]
        try await CatalogScene.with(files) { scene in
            try Self.remove("team/c.wasm", in: scene)
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm", "team/b.wasm"])
            // Of the directory it is the last one, of the source it is not.
            try Self.remove("team/b.wasm", in: scene)
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm"])
            try Self.remove("a.wasm", in: scene)
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm"])
            try scene.folder.write(Self.other, to: "c.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current.keys.sorted() == ["c.wasm"])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }
}
