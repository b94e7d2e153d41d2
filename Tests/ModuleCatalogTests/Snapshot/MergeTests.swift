// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import TestSupport
import Testing

@testable import ModuleCatalog

@Suite("What is served when sources are not as they should be")
struct MergeTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)
    private static let notAModule = Array("<html>".utf8)

    @Test("goes on serving the last good bytes when the new ones are rejected, and says so until they are mended")
    func rejected() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.notAModule, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.rejected.map(\.path?.text) == ["plugin.wasm"])
            #expect(scene.catalog.snapshot.rejected.first?.error.reason.contains("HTML") == true)
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.mended == 1)
        }
    }

    @Test("goes on serving when a file turns into a directory, a source vanishes, or two claim one path")
    func sourceLost() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.one, to: "plugin.wasm")
            let other = try folder.write(Self.two, to: "other/b.wasm")
            let scene = try CatalogScene(folder, [.path(file), .path(folder.path("other"))])
            let all = ["plugin.wasm": Digest(of: Self.one), "b.wasm": Digest(of: Self.two)]

            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
            scene.catalog.rescan(.request)
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [file])

            try FileManager.default.moveItem(atPath: folder.path("other"), toPath: folder.path("away"))
            scene.catalog.rescan(.request)
            #expect(scene.current == all)

            try FileManager.default.moveItem(atPath: folder.path("away"), toPath: folder.path("other"))
            try FileManager.default.removeItem(atPath: file)
            try folder.write(Self.one, to: "plugin.wasm")
            try folder.write(Self.two, to: "other/plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.rejected.map(\.error.code) == [.conflict])
            #expect(other.hasSuffix("b.wasm"))
        }
    }

    @Test("rejects a file that changes at every look, serves the last good bytes, and takes it when it is at rest")
    func restless() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            for count in 0..<12 {
                #expect(scene.changes == (count < 10 ? 0 : 1))
                try scene.folder.write(WasmModule.ofSize(7000 + count), to: "plugin.wasm")
                scene.catalog.rescan(.poll)
                #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            }
            #expect(scene.catalog.snapshot.rejected.map(\.path?.text) == ["plugin.wasm"])
            #expect(scene.catalog.snapshot.rejected.first?.error.reason.contains("changed") == true)
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["plugin.wasm": Digest(of: WasmModule.ofSize(7011))])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("counts what is served on of a source that is lost: others get no more room by that, until it is back")
    func countOfLostSource() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["a/1.wasm", "a/2.wasm", "b/3.wasm"] { try folder.write(Self.one, to: name) }
            let catalog = try LiveCatalog(
                Catalog(
                    sources: [.path(folder.path("a")), .path(folder.path("b"))],
                    maximumModuleSize: 1 << 20,
                    maximumCount: 3
                ),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10)
            )
            try FileManager.default.moveItem(atPath: folder.path("a"), toPath: folder.path("away"))
            for name in ["b/4.wasm", "b/5.wasm"] { try folder.write(Self.two, to: name) }
            for _ in 0..<2 { catalog.rescan(.poll) }
            #expect(catalog.snapshot.modules.map(\.path.text) == ["1.wasm", "2.wasm", "3.wasm"])
            #expect(catalog.snapshot.rejected.first?.error.reason.hasPrefix("5 modules are more than the 3 ") == true)
            for name in ["b/4.wasm", "b/5.wasm"] { try FileManager.default.removeItem(atPath: folder.path(name)) }
            try FileManager.default.moveItem(atPath: folder.path("away"), toPath: folder.path("a"))
            for _ in 0..<3 { catalog.rescan(.poll) }
            #expect(catalog.snapshot.isComplete)
            #expect(catalog.snapshot.modules.count == 3)
        }
    }

    @Test("goes on rejecting a file that is being rewritten, though its neighbour is taken")
    func restlessRejection() async throws {
        try await CatalogScene.with(["bad.wasm": Self.notAModule, "plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            for count in 0..<2 {
                try scene.folder.write(Self.notAModule + Array("\(count)".utf8), to: "bad.wasm")
                scene.catalog.rescan(.poll)
            }
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.rejected.map(\.path?.text) == ["bad.wasm"])
            #expect(scene.mended == 0)
            try scene.folder.write(Self.one, to: "bad.wasm")
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.mended == 1)
        }
    }

    @Test("takes nothing that is not at rest because it is time to read everything anew")
    func restlessAtRehash() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.rehash)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.isComplete)
            scene.catalog.rescan(.rehash)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.two)])
        }
    }

    @Test("leaves alone what has changed since the look, until the next one")
    func changedSince() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.one, to: "plugin.wasm")
            let catalog = Catalog(sources: [.plugin(file: file)], maximumModuleSize: 1 << 20)
            let offered = Set(catalog.scan().entries)
            try folder.write(Self.two, to: "plugin.wasm")
            let loaded = try catalog.read(excluding: UnsettledFiles(offered: offered))
            #expect(loaded.postponed.map(\.text) == ["plugin.wasm"])
            #expect(loaded.outcomes.isEmpty)
            #expect(loaded.rejected.isEmpty)
        }
    }

    @Test("does not take for gone what was there at the look, until the next one")
    func goneSince() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "a.wasm")
            let file = try folder.write(Self.two, to: "b.wasm")
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20)
            let before = try catalog.read()
            let served = Snapshot(before, after: nil, now: 0)
            try FileManager.default.removeItem(atPath: file)
            let offered = Set(before.scan.entries)
            let loaded = try catalog.read(knowing: before.outcomes, excluding: UnsettledFiles(offered: offered))
            #expect(loaded.postponed.map(\.text) == ["b.wasm"])
            #expect(Snapshot(loaded, after: served, now: 1).modules.map(\.path.text) == ["a.wasm", "b.wasm"])
        }
    }

    @Test("does not let a file that never rests delay its neighbours")
    func restlessNeighbour() async throws {
        try await CatalogScene.with(["busy.wasm": Self.one, "plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            for count in 0..<2 {
                try scene.folder.write(WasmModule.ofSize(7000 + count), to: "busy.wasm")
                scene.catalog.rescan(.poll)
            }
            #expect(scene.current == ["busy.wasm": Digest(of: Self.one), "plugin.wasm": Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("notices that a module is gone though something else in its directory is rejected")
    func goneBesideRejected() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            try scene.folder.link("c.wasm", to: "nowhere")
            try FileManager.default.removeItem(atPath: scene.folder.path("b.wasm"))
            scene.catalog.rescan(.request)
            #expect(scene.current == ["a.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [scene.folder.path("c.wasm")])
        }
    }

    @Test("does not take a module for gone that has turned into a directory, whatever is in that")
    func turnedIntoDirectory() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try FileManager.default.removeItem(atPath: scene.folder.path("plugin.wasm"))
            try scene.folder.write(Self.two, to: "plugin.wasm/other.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [scene.folder.path("plugin.wasm")])
        }
    }

    @Test("goes on serving what is in a directory that cannot be looked at any more, whatever it is called")
    func unreadableDirectory() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "sub/b.wasm": Self.two]) { scene in
            let all = scene.current
            try FileManager.default.removeItem(atPath: scene.folder.path("sub"))
            // A name that no file can have: the system answers neither "there it is" nor "there is none" (ENAMETOOLONG).
            try scene.folder.link("sub", to: String(repeating: "x", count: 300))
            scene.catalog.rescan(.request)
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [scene.folder.path("sub")])
        }
    }

    @Test("knows of which source a module is after it has moved from one to another")
    func moved() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "a/x.wasm")
            try folder.write(Self.two, to: "a/a.wasm")
            try folder.write(WasmModule.plugin, to: "b/b.wasm")
            let scene = try CatalogScene(folder, [.path(folder.path("a")), .path(folder.path("b"))])
            try FileManager.default.moveItem(atPath: folder.path("a/x.wasm"), toPath: folder.path("b/x.wasm"))
            scene.catalog.rescan(.request)
            let all = scene.current
            #expect(scene.catalog.snapshot.modules.last?.origin == folder.path("b/x.wasm"))
            try FileManager.default.moveItem(atPath: folder.path("b"), toPath: folder.path("away"))
            scene.catalog.rescan(.request)
            #expect(scene.current == all)
        }
    }

    @Test("tries again what failed for a reason that may have passed, and nothing else")
    func retry() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.one, to: "plugin.wasm")
            let scan = Catalog(sources: [.plugin(file: file)], maximumModuleSize: 1 << 20).scan()
            let candidate = try #require(scan.entries.first?.candidate)
            func memory(_ code: CatalogError.Code) -> ChangeDetector {
                let error = CatalogError(code: code, subject: file, reason: "", remedy: "")
                return ChangeDetector(LoadResult(scan: scan, outcomes: [candidate: .failure(error)], isSettled: true))
            }
            /// At which of a dozen looks, one a second, it is read again.
            func retries(_ code: CatalogError.Code) -> [Int] {
                var memory = memory(code)
                return (1...12).filter { _ in memory.reading(of: scan, .poll, objection: { _ in nil }) != nil }
            }
            #expect(retries(.unreadable) == [10])
            // Within a few seconds there may be room again, and to see that there is none costs next to nothing.
            #expect(retries(.exhausted) == [2, 4, 6, 8, 10, 12])
            #expect(retries(.inadmissible) == [])
        }
    }

    @Test("reads no more of a file at a re-hash than there was, and nothing of one that has changed")
    func grown() async throws {
        try await TemporaryFolder.with { folder in
            let path = try folder.write(Self.one, to: "plugin.wasm")
            guard case .file(let file) = Candidate(path: .plugin, file: path).origin else {
                Issue.record("the file is there")
                return
            }
            #expect(try FileDigest.of(file) == Digest(of: Self.one))
            // As large as no disk is, and read by nobody.
            #expect(unsafe truncate(path, 1 << 43) == 0)
            #expect(try FileDigest.of(file) == nil)
        }
    }
}
