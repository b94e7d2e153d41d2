// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import TestSupport
import Testing

@testable import ModuleCatalog

@Suite("A catalog whose sources change")
struct LiveCatalogTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)
    private static let notAModule = Array("<html>".utf8)

    @Test("serves new bytes when it is asked to look, and keeps the old by their digest")
    func request() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.two)])
            #expect(scene.kept == [Digest(of: Self.one)])
            #expect(scene.catalog.blob(of: Digest(of: Self.one))?.count == Self.one.count)
            #expect(scene.catalog.snapshot.kept.first?.path?.text == "plugin.wasm")
            #expect(scene.changes == 1)
        }
    }

    @Test("takes a change once it is at rest: two looks in a row must agree")
    func poll() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.two)])
        }
    }

    @Test(
        "changes nothing, and tells nobody, when bytes are the same",
        arguments: [ReloadReason.request, .rehash]
    )
    func unchanged(_ reason: ReloadReason) async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.one, to: "plugin.wasm")
            scene.catalog.rescan(reason)
            #expect(scene.changes == 0)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
        }
    }

    @Test("serves a module that has vanished by its digest only, unless it is the last one")
    func vanished() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            try FileManager.default.removeItem(atPath: scene.folder.path("a.wasm"))
            scene.catalog.rescan(.request)
            #expect(scene.current == ["b.wasm": Digest(of: Self.two)])
            #expect(scene.kept == [Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.isComplete)
            try FileManager.default.removeItem(atPath: scene.folder.path("b.wasm"))
            scene.catalog.rescan(.request)
            #expect(scene.current == ["b.wasm": Digest(of: Self.two)])
            #expect(scene.kept == [Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.rejected.map(\.error.code) == [.empty])
        }
    }

    @Test("notices by itself that a module has vanished, be it at the same time as another change")
    func vanishedUnasked() async throws {
        try await CatalogScene.with(["a.wasm": Self.one, "b.wasm": Self.two]) { scene in
            try FileManager.default.removeItem(atPath: scene.folder.path("a.wasm"))
            try scene.folder.link("c.wasm", to: "nowhere")
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.current == ["b.wasm": Digest(of: Self.two)])
            #expect(scene.kept == [Digest(of: Self.one)])
        }
    }

    @Test("does not keep what is current under another name, nor what is current again")
    func currentAgain() async throws {
        try await CatalogScene.with(["a.wasm": Self.one]) { scene in
            try FileManager.default.moveItem(atPath: scene.folder.path("a.wasm"), toPath: scene.folder.path("b.wasm"))
            scene.catalog.rescan(.request)
            #expect(scene.current == ["b.wasm": Digest(of: Self.one)])
            #expect(scene.kept.isEmpty)
            try scene.folder.write(Self.two, to: "b.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.kept == [Digest(of: Self.one)])
            try scene.folder.write(Self.one, to: "b.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["b.wasm": Digest(of: Self.one)])
            #expect(scene.kept == [Digest(of: Self.two)])
        }
    }

    @Test("takes a mounted ConfigMap whole, at the first look after its link has moved")
    func atomicVolume() async throws {
        try await TemporaryFolder.with { folder in
            try publish([Self.one, Self.two], as: "..1", in: folder)
            for name in ["a.wasm", "b.wasm"] { try folder.link(name, to: "..data/\(name)") }
            let scene = try CatalogScene(folder, [.path(folder.path)])
            #expect(scene.current == ["a.wasm": Digest(of: Self.one), "b.wasm": Digest(of: Self.two)])
            try publish([Self.two, Self.one], as: "..2", in: folder)
            try FileManager.default.removeItem(atPath: folder.path("..1"))
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["a.wasm": Digest(of: Self.two), "b.wasm": Digest(of: Self.one)])
            #expect(scene.catalog.snapshot.isComplete)
        }
    }

    @Test("reads a file anew at a re-hash, because its size and times can lie")
    func lies() async throws {
        try await TemporaryFolder.with { folder in
            let file = try MappedFile(Self.one, at: folder.path("plugin.wasm"))
            let scene = try CatalogScene(folder, [.path(folder.path)])
            let two = WasmModule.ofSize(5000, seed: 2)
            let before = try FileSystem.facts(at: file.path)
            file.overwrite(with: two)
            #expect(try FileSystem.facts(at: file.path) == before, "the system is to tell nothing of the change")
            scene.catalog.rescan(.request)
            #expect(scene.current == ["plugin.wasm": Digest(of: Self.one)])
            scene.catalog.rescan(.rehash)
            #expect(scene.current == ["plugin.wasm": Digest(of: two)])
            #expect(scene.kept == [Digest(of: Self.one)])
        }
    }

    @Test("does not trust a file that was written a moment ago")
    func fresh() async throws {
        try await TemporaryFolder.with { folder in
            let candidate = Candidate(path: .plugin, file: try folder.write(Self.one, to: "plugin.wasm"))
            guard case .file(let file) = candidate.origin else {
                Issue.record("the file is there")
                return
            }
            let written = file.facts.changedNanoseconds
            #expect(candidate.isFresh(at: written))
            // The clock that stamps files stands still for 10 ms at most (CONFIG_HZ=100).
            #expect(candidate.isFresh(at: written + 10_000_000))
            #expect(!candidate.isFresh(at: written + 100_000_000))
            // The clock of another machine.
            #expect(!candidate.isFresh(at: written - 60_000_000_000))
        }
    }

    @Test("takes nothing from a peer that is larger than what is read from a source")
    func largestTaken() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.one, to: "plugin.wasm")
            let catalog = try LiveCatalog(
                Catalog(sources: [.plugin(file: file)], maximumModuleSize: 5500),
                keeping: RetentionPolicy(time: 3600, memory: CatalogScene.memory, count: 10)
            )
            #expect(catalog.largestTaken == 5500)
            #expect(throws: CatalogError.self) {
                try catalog.keep(try SealedBlob.of(Self.two), from: "x", for: .announced, lastUsed: nil)
            }
        }
    }

    @Test("tells when what is kept was last fetched, within a minute")
    func lastUsed() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.changes == 1)
            // Kept for 3600 s, from 5000 on.
            let module = try #require(scene.catalog.snapshot.kept.first)
            module.wasFetched(at: ClockReading(date: 1_795_000_060, uptime: 5060))
            scene.catalog.rescan(.poll)
            #expect(scene.changes == 1)
            module.wasFetched(at: ClockReading(date: 1_795_000_061, uptime: 5061))
            for _ in 0..<2 { scene.catalog.rescan(.poll) }
            #expect(scene.changes == 2)
        }
    }

    @Test("keeps what a peer gives, unless it is no module, or larger than what may be kept")
    func keep() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.catalog.keep(try SealedBlob.of(Self.two), from: "192.0.2.1:8082", for: .announced, lastUsed: nil)
            try scene.catalog.keep(try SealedBlob.of(Self.two), from: "192.0.2.2:8082", for: .announced, lastUsed: nil)
            try scene.catalog.keep(try SealedBlob.of(Self.one), from: "192.0.2.2:8082", for: .announced, lastUsed: nil)
            #expect(scene.kept == [Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.kept.map(\.origin) == ["192.0.2.1:8082"])
            #expect(throws: CatalogError.self) {
                try scene.catalog.keep(try SealedBlob.of(Self.notAModule), from: "x", for: .announced, lastUsed: nil)
            }
            #expect(scene.catalog.largestTaken < CatalogScene.memory)
            let large = WasmModule.ofSize(scene.catalog.largestTaken + 1)
            #expect(throws: CatalogError.self) {
                try scene.catalog.keep(try SealedBlob.of(large), from: "x", for: .announced, lastUsed: nil)
            }
            #expect(scene.changes == 1)
        }
    }

    @Test("keeps what a peer has announced though its own host would not load it: a gateway was configured for it")
    func keepOfOtherPolicy() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            let blob = try SealedBlob.of(WasmModule.empty)
            try scene.catalog.keep(blob, from: "192.0.2.1:8082", for: .announced, lastUsed: nil)
            #expect(scene.kept == [Digest(of: WasmModule.empty)])
        }
    }

    @Test("keeps what was served here and what was announced, whatever is searched for")
    func searches() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            let announced = try SealedBlob.of(WasmModule.ofSize(400_000, seed: 1))
            try scene.catalog.keep(announced, from: "x", for: .announced, lastUsed: nil)
            let lasting = [Digest(of: Self.one), announced.digest]
            #expect(scene.kept == lasting)
            // Two of them do not fit into what is left.
            let sought = (2..<6).map { WasmModule.ofSize(400_000, seed: $0) }
            for module in sought {
                try scene.catalog.keep(.of(module), from: "x", for: .sought, lastUsed: nil)
                #expect(scene.kept == lasting + [Digest(of: module)])
            }
            // What does not fit at all changes nothing.
            let changes = scene.changes
            let large = try SealedBlob.of(WasmModule.ofSize(900_000, seed: 7))
            try scene.catalog.keep(large, from: "x", for: .sought, lastUsed: nil)
            #expect(scene.kept == lasting + [Digest(of: sought[3])])
            #expect(scene.changes == changes)
        }
    }

    @Test("keeps no more of what is searched for than there is memory, with what was dropped and is still being sent")
    func sending() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            func search(_ seed: UInt8) throws -> SealedBlob? {
                let blob = try SealedBlob.of(WasmModule.ofSize(400_000, seed: seed))
                return try scene.catalog.keep(blob, from: "x", for: .sought, lastUsed: nil)
            }
            // A megabyte is kept. Downloads hold the first two; the third lets the first go, and finds no room all the same.
            var downloads = try (1...2).compactMap { try search($0) }
            let digests = downloads.map(\.digest)
            #expect(scene.kept == digests)
            #expect(try search(3)?.digest == nil)
            #expect(scene.kept == [digests[1]])
            #expect(scene.catalog.room < 600_000)
            #expect(try search(4)?.digest == nil)
            #expect(try search(5)?.digest == nil)
            #expect(scene.kept == [])
            // What is announced has no room either, and what was served here has.
            let announced = WasmModule.ofSize(400_000, seed: 6)
            #expect(try scene.catalog.keep(.of(announced), from: "x", for: .announced, lastUsed: nil)?.digest == nil)
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.kept == [Digest(of: Self.one)])
            // One download ends, and there is room for another module.
            downloads.removeFirst()
            #expect(try search(7)?.digest != nil)
            #expect(scene.kept.count == 2)
        }
    }

    @Test("has the bytes of a version that is current again in memory once")
    func again() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            try scene.folder.write(Self.two, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            let kept = try #require(scene.catalog.blob(of: Digest(of: Self.one)))
            try scene.folder.write(Self.one, to: "plugin.wasm")
            scene.catalog.rescan(.request)
            #expect(scene.catalog.blob(of: Digest(of: Self.one))?.descriptor == kept.descriptor)
        }
    }

    @Test("keeps what was searched for like what is announced once it is, if there is room")
    func announcement() async throws {
        try await CatalogScene.with(["plugin.wasm": Self.one]) { scene in
            let sought = try SealedBlob.of(WasmModule.ofSize(600_000, seed: 1))
            try scene.catalog.keep(sought, from: "x", for: .sought, lastUsed: nil)
            #expect(!scene.catalog.holds(announced: Digest(of: Self.two)))
            #expect(scene.catalog.holds(announced: sought.digest))
            let later = try SealedBlob.of(WasmModule.ofSize(600_000, seed: 2))
            try scene.catalog.keep(later, from: "x", for: .sought, lastUsed: nil)
            #expect(scene.kept == [sought.digest])
        }
    }

    /// Makes a generation of a mounted ConfigMap with `a.wasm` and `b.wasm` the present one.
    private func publish(_ modules: [[UInt8]], as generation: String, in folder: TemporaryFolder) throws {
        for (name, bytes) in zip(["a.wasm", "b.wasm"], modules) { try folder.write(bytes, to: "\(generation)/\(name)") }
        try folder.link("..data_tmp", to: generation)
        #expect(unsafe rename(folder.path("..data_tmp"), folder.path("..data")) == 0)
    }
}
