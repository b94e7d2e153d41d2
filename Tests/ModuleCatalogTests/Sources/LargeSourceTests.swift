// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import TestSupport
import Testing

@testable import ModuleCatalog

@Suite("A source that holds more than it should")
struct LargeSourceTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)
    private static let three = WasmModule.ofSize(7000, seed: 3)

    /// Makes directories with modules and a link to each of the others.
    private func makeFarm(of directories: Int, modules: Int, in folder: TemporaryFolder) throws {
        for directory in 0..<directories {
            for module in 0..<modules { try folder.write(WasmModule.plugin, to: "d\(directory)/\(module).wasm") }
            for other in 0..<directories where other != directory {
                try folder.link("d\(directory)/l\(other)", to: "../d\(other)")
            }
        }
    }

    @Test("by links among its directories is rejected as a whole, and what was good is served on")
    func farm() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            let all = scene.current
            try makeFarm(of: 10, modules: 40, in: scene.folder)
            try FileManager.default.removeItem(atPath: scene.folder.path("b.wasm"))
            for _ in 0..<3 { scene.catalog.rescan(.poll) }
            #expect(scene.current == all)
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [scene.folder.path])
            let reason = scene.catalog.snapshot.rejected.first?.error.reason
            #expect(reason?.contains("not looked through to its end") == true)
            for number in 0..<10 { try FileManager.default.removeItem(atPath: scene.folder.path("d\(number)")) }
            for _ in 0..<12 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm"])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("leaves every other source as it is")
    func neighbour() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "good/a.wasm")
            try folder.write(Self.one, to: "large/b.wasm")
            let scene = try CatalogScene(folder, [.path(folder.path("good")), .path(folder.path("large"))])
            for number in 0...Catalog.maximumModuleCount { try folder.link("large/\(number).wasm", to: "b.wasm") }
            try folder.write(Self.two, to: "good/a.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["a.wasm": Digest(of: Self.two), "b.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.rejected.map(\.error.subject) == [folder.path("large")])
        }
    }

    @Test("and is left alone for that keeps no other from being updated, and loses nothing meanwhile")
    func leftAlone() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "near/a.wasm")
            try folder.write(Self.one, to: "large/b.wasm")
            try folder.write(Self.one, to: "large/c.wasm")
            let scene = try CatalogScene(folder, [.path(folder.path("near")), .path(folder.path("large"))])
            try folder.write(Self.two, to: "near/a.wasm")
            try folder.write(Self.two, to: "large/b.wasm")
            try FileManager.default.removeItem(atPath: folder.path("large/c.wasm"))
            let costs = scene.catalog.rescan(.poll, skipping: [1])
            #expect(costs.sources[1].duration == .zero)
            scene.catalog.rescan(.poll, skipping: [1])
            let (one, two) = (Digest(of: Self.one), Digest(of: Self.two))
            #expect(scene.current == ["a.wasm": two, "b.wasm": one, "c.wasm": one])
            #expect(scene.catalog.snapshot.isComplete)
            // What is new must be the same at two looks at this source, not at any.
            let large = scene.catalog.rescan(.poll).sources[1]
            #expect(large.duration > .zero)
            scene.catalog.rescan(.poll, skipping: [1])
            #expect(scene.current == ["a.wasm": two, "b.wasm": one, "c.wasm": one])
            try folder.write(Self.three, to: "large/b.wasm")
            scene.catalog.rescan(.poll)
            #expect(scene.current["b.wasm"] == one)
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["a.wasm": two, "b.wasm": Digest(of: Self.three)])
        }
    }

    @Test(
        "is looked through to a limit and no further",
        arguments: [
            (WalkLimits(modules: 3), "offers more than 3 modules"), (WalkLimits(names: 5), "has more than 5 names"),
            (WalkLimits(directories: 2), "has more than 2 directories"),
            (WalkLimits(namesOfDirectory: 1), "has more than 1 names for one directory"),
            (WalkLimits(pathBytes: 30), "offers modules whose paths have more than 30 bytes together"),
        ]
    )
    func limits(_ limits: WalkLimits, _ reason: String) async throws {
        try await TemporaryFolder.with { folder in
            for name in ["a.wasm", "b.wasm", "one/c.wasm", "two/d.wasm"] { try folder.write(Self.one, to: name) }
            try folder.link("link", to: "one")
            let error = #expect(throws: CatalogError.self) {
                try DirectoryWalk.listing(of: folder.path, within: limits)
            }
            #expect(error?.subject == folder.path)
            #expect(error?.reason.contains(reason) == true)
            #expect(try DirectoryWalk.listing(of: folder.path).candidates.count == 5)
        }
    }

    @Test("by the length of its modules' paths is rejected as a whole, and so by that of the files that links lead to")
    func longPaths() async throws {
        try await TemporaryFolder.with { folder in
            let directory = [String](repeating: String(repeating: "a", count: 240), count: 4).joined(separator: "/")
            try folder.write(Self.one, to: "paths/\(directory)/0.wasm")
            try folder.write(Self.one, to: "files/\(directory)/data")
            // Of 974 and 969 bytes each; a MiB has room for 1,076 and 1,082.
            for number in 1000..<2100 {
                try folder.link("paths/\(directory)/\(number).wasm", to: "0.wasm")
                try folder.link("files/\(number).wasm", to: "\(directory)/data")
            }
            for source in ["paths", "files"] {
                let root = folder.path(source)
                let error = #expect(throws: CatalogError.self) { try DirectoryWalk.listing(of: root) }
                #expect(error?.reason.contains("paths have more than 1048576 bytes together") == true)
            }
        }
    }

    @Test("of names of thousands of bytes has the beginning and the end of each told")
    func longNames() async throws {
        try await CatalogScene.with(["a.wasm": Self.one]) { scene in
            let directory = [String](repeating: String(repeating: "é", count: 120), count: 12).joined(separator: "/")
            try scene.folder.write(Self.two, to: "\(directory)/long.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current.keys.sorted() == ["a.wasm"])
            let error = try #require(scene.catalog.snapshot.rejected.first?.error)
            // 12 × 120 letters of six bytes each, slashes before and between them, and the name.
            #expect(error.reason.contains("8662 bytes in a URL, and 1024 are allowed"))
            #expect(error.name.hasPrefix(scene.folder.path))
            #expect(error.name.hasSuffix("/long.wasm"))
            #expect(!error.name.unicodeScalars.contains("\u{fffd}"))
            #expect(error.description.utf8.count < 2000)
        }
    }

    @Test("of names that cannot be served has the first hundred named, and all counted")
    func manyRejected() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            for number in 0..<1000 { try scene.folder.link("x\(number).wasm", to: "/dev/null") }
            scene.catalog.rescan(.request)
            let snapshot = scene.catalog.snapshot
            #expect(snapshot.rejectedCount == 1000)
            #expect(snapshot.namedRejections.count == 100)
            #expect(snapshot.unnamedRejectionCount == 900)
            #expect(scene.current.keys.sorted() == ["a.wasm", "b.wasm"])
            // One that was served has turned into such a name: the last of them all, and it is served on.
            try FileManager.default.removeItem(atPath: scene.folder.path("a.wasm"))
            try FileManager.default.moveItem(atPath: scene.folder.path("b.wasm"), toPath: scene.folder.path("y.wasm"))
            try scene.folder.link("b.wasm", to: "/dev/null")
            scene.catalog.rescan(.request)
            #expect(scene.current.keys.sorted() == ["b.wasm", "y.wasm"])
            #expect(scene.catalog.snapshot.rejectedCount == 1001)
        }
    }

    @Test("tells of a change as much as is named, and how much more there is")
    func change() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.one, to: "a.wasm")
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20)
            let before = try catalog.load(now: 0)
            for number in 0..<250 { try folder.link("x\(number).wasm", to: "/dev/null") }
            for number in 0..<150 { try folder.write([0], to: "y\(number).wasm") }
            let change = CatalogChange(from: before, to: try catalog.load(now: 0), dropped: [])
            #expect(change.rejected.count == 100)
            #expect(change.unnamedRejectionCount == 300)
            // Each of those that would have a path answers for itself.
            #expect(change.snapshot.rejected.count { $0.path != nil } == 150)
        }
    }

    @Test("tells what is left of what is rejected, once others are mended, of all that it has not named before")
    func mending() async throws {
        try await TemporaryFolder.with { folder in
            for number in 100..<350 { try folder.write([0], to: "x\(number).wasm") }
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20)
            let before = try catalog.load(now: 0)
            #expect(before.namedRejections.compactMap(\.path?.text) == (100..<200).map { "x\($0).wasm" })
            for number in 130..<300 {
                try FileManager.default.removeItem(atPath: folder.path("x\(number).wasm"))
            }
            try folder.write([0], to: "x400.wasm")
            let change = CatalogChange(from: before, to: try catalog.load(now: 0), dropped: [])
            #expect(change.rejected.compactMap(\.path?.text) == ([400] + (300..<350)).map { "x\($0).wasm" })
            #expect(change.unnamedRejectionCount == 0)
        }
    }
}
