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

    /// Expects that a change takes nothing away, that the directory is named, and that all is well once it is undone.
    private func expectNothingLost(
        _ files: [String: [UInt8]],
        _ directory: String,
        _ looks: [LookOccasion],
        _ change: (CatalogScene) throws -> Void
    ) async throws {
        try await CatalogScene.with(files) { scene in
            let all = scene.current
            try change(scene)
            for look in looks { scene.catalog.look(look) }
            #expect(scene.current == all)
            #expect(scene.kept.isEmpty)
            #expect(scene.catalog.snapshot.refused.map(\.error.code).contains(.empty))
            let subjects = scene.catalog.snapshot.refused.map(\.error.subject)
            #expect(subjects.contains(directory.isEmpty ? scene.folder.path : scene.folder.path(directory)))
            try FileManager.default.removeItem(atPath: scene.folder.path(directory))
            for (name, bytes) in files { try scene.folder.write(bytes, to: name) }
            for look in looks { scene.catalog.look(look) }
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test(
        "keeps its last good set, whoever looks, and says so until it is filled again",
        arguments: [[LookOccasion.request], [.poll, .poll, .poll], [.rehash, .rehash]]
    )
    func whole(_ looks: [LookOccasion]) async throws {
        try await expectNothingLost(["a.wasm": Self.one, "b/b.wasm": Self.two], "", looks) { scene in
            try Self.remove("a.wasm", "b", in: scene)
        }
    }

    @Test("keeps what is below a directory that is empty now, as a volume may have been mounted there")
    func below() async throws {
        let files = ["a.wasm": Self.one, "team/b.wasm": Self.two, "team/deep/c.wasm": Self.other]
        try await expectNothingLost(files, "team", [.poll, .poll, .poll]) { scene in
            try Self.remove("team/b.wasm", "team/deep", in: scene)
        }
    }

    @Test("keeps what is below a link that leads nowhere now")
    func link() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.two, to: "served/volume/b.wasm")
            try folder.write(Self.one, to: "served/a.wasm")
            try folder.link("served/team", to: "volume")
            let scene = try CatalogScene(folder, [.path(folder.path("served"))])
            let all = scene.current
            #expect(all.keys.sorted() == ["a.wasm", "team/b.wasm", "volume/b.wasm"])
            try FileManager.default.removeItem(atPath: folder.path("served/volume"))
            scene.catalog.look(.request)
            // The directory itself was removed, and with it what was served below it; the link is still there.
            #expect(scene.current.keys.sorted() == ["a.wasm", "team/b.wasm"])
            #expect(scene.catalog.snapshot.refused.map(\.error.subject) == [folder.path("served/team")])
        }
    }

    @Test("keeps its last good set where nothing is left but what is refused")
    func refused() async throws {
        try await expectNothingLost(["a.wasm": Self.one, "b.wasm": Self.two], "", [.request]) { scene in
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
            scene.catalog.look(.request)
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.refused.map(\.error.subject) == [folder.path("b")])
        }
    }

    @Test("is withdrawn with the directory that held it, and one file of several without")
    func withdrawn() async throws {
        let files = ["a.wasm": Self.one, "team/b.wasm": Self.two, "team/c.wasm": Self.other]
        try await CatalogScene.with(files) { scene in
            try Self.remove("team/c.wasm", in: scene)
            scene.catalog.look(.request)
            #expect(scene.current.keys.sorted() == ["a.wasm", "team/b.wasm"])
            try Self.remove("team/b.wasm", in: scene)
            scene.catalog.look(.request)
            #expect(scene.current.keys.sorted() == ["a.wasm", "team/b.wasm"])
            #expect(!scene.catalog.snapshot.isComplete)
            try Self.remove("team", in: scene)
            for _ in 0..<2 { scene.catalog.look(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm"])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("is not meant by a directory that never had a module")
    func neverHadOne() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "docs/readme.txt": Self.notAModule]) { scene in
            try scene.folder.write(Self.notAModule, to: "notes/readme.txt")
            try scene.folder.link("nowhere", to: "gone")
            for _ in 0..<3 { scene.catalog.look(.poll) }
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.changes == 0)
        }
    }
}
