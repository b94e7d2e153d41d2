// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ModuleCatalog

/// A volume whose server is gone answers nothing, to whoever asks: stat(2) and read(2) come back when it does (nfs(5), `hard`).
@Suite("A source that does not answer", .timeLimit(.minutes(5)))
struct HangingSourceTests {
    private static let one = WasmModule.ofSize(5000, seed: 1)
    private static let two = WasmModule.ofSize(6000, seed: 2)

    /// A volume that can be made to hang, and counts who waits for it.
    private final class Volume: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let state = Mutex((isHanging: false, waiters: 0))

        var waiters: Int { state.withLock { $0.waiters } }

        func hang() { state.withLock { $0.isHanging = true } }

        func pass() {
            let mustWait = state.withLock { state in
                if state.isHanging { state.waiters += 1 }
                return state.isHanging
            }
            if mustWait { gate.wait() }
        }

        func recover() {
            let waiters = state.withLock { state in
                defer { state = (false, 0) }
                return state.waiters
            }
            for _ in 0..<waiters { gate.signal() }
        }
    }

    private struct Scene {
        let folder: TemporaryFolder
        let volume = Volume()
        let catalog: LiveCatalog
        private var hanging: String { folder.path("hanging") }

        /// Two sources; of one, what is asked passes the volume.
        init(_ folder: TemporaryFolder, hangsAtReading: Bool = false) throws {
            self.folder = folder
            let hanging = folder.path("hanging")
            try folder.write(HangingSourceTests.one, to: "hanging/a.wasm")
            try folder.write(HangingSourceTests.one, to: "well/b.wasm")
            let reader = ModuleReader(maximumSize: 1 << 20)
            var access = SourceAccess(reader)
            let volume = volume
            if hangsAtReading {
                access.read = { candidate throws(CatalogError) in
                    if candidate.originName.hasPrefix(hanging) { volume.pass() }
                    return try reader.read(candidate)
                }
            } else {
                access.list = { source throws(CatalogError) in
                    if source == .path(hanging) { volume.pass() }
                    return try source.listing()
                }
            }
            catalog = try LiveCatalog(
                Catalog([.path(hanging), .path(folder.path("well"))], access, maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10)
            )
        }

        var current: [String: Digest] {
            Dictionary(uniqueKeysWithValues: catalog.snapshot.modules.map { ($0.path.text, $0.blob.digest) })
        }

        var isIdle: Bool { catalog.checks.allSatisfy { $0.running == nil } }
    }

    private static func settle(_ scene: Scene) async {
        while !scene.isIdle { await Task.yield() }
    }

    @Test("keeps nobody else from being updated, is not asked twice, and says since when it is waited for")
    func listing() async throws {
        try await TemporaryFolder.with { folder in
            let scene = try Scene(folder)
            scene.volume.hang()
            defer { scene.volume.recover() }
            try folder.write(Self.two, to: "well/b.wasm")
            try FileManager.default.removeItem(atPath: folder.path("hanging/a.wasm"))
            for _ in 0..<4 { scene.catalog.rescan(.poll) }
            for _ in 0..<4 { scene.catalog.rescan(.request) }
            scene.catalog.rescan(.rehash)
            #expect(scene.current == ["a.wasm": Digest(of: Self.one), "b.wasm": Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.volume.waiters == 1)
            #expect(scene.catalog.checks.map { $0.running != nil } == [true, false])
            #expect(scene.catalog.checks.map(\.source) == [folder.path("hanging"), folder.path("well")])
        }
    }

    @Test("loses nothing of what it answers too late, if it is left alone next")
    func late() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.two, to: "hanging/gone.wasm")
            let scene = try Scene(folder)
            scene.volume.hang()
            try FileManager.default.removeItem(atPath: folder.path("hanging/gone.wasm"))
            try folder.write(Self.two, to: "hanging/new.wasm")
            scene.catalog.rescan(.poll)
            scene.volume.recover()
            await Self.settle(scene)
            for _ in 0..<3 { scene.catalog.rescan(.poll, skipping: [0]) }
            #expect(scene.current.keys.sorted() == ["a.wasm", "b.wasm", "gone.wasm"])
            for _ in 0..<3 { scene.catalog.rescan(.poll) }
            #expect(scene.current.keys.sorted() == ["a.wasm", "b.wasm", "new.wasm"])
        }
    }

    @Test("is up to date once it answers again")
    func recovery() async throws {
        try await TemporaryFolder.with { folder in
            let scene = try Scene(folder)
            scene.volume.hang()
            try folder.write(Self.two, to: "hanging/a.wasm")
            scene.catalog.rescan(.poll)
            scene.volume.recover()
            await Self.settle(scene)
            for _ in 0..<3 { scene.catalog.rescan(.poll) }
            #expect(scene.current["a.wasm"] == Digest(of: Self.two))
        }
    }

    @Test("while its modules are read is taken when all of them are: never half of a change")
    func reading() async throws {
        try await TemporaryFolder.with { folder in
            let scene = try Scene(folder, hangsAtReading: true)
            scene.volume.hang()
            try FileManager.default.removeItem(atPath: folder.path("hanging/a.wasm"))
            try folder.write(Self.two, to: "hanging/c.wasm")
            try folder.write(Self.two, to: "well/b.wasm")
            for _ in 0..<2 { scene.catalog.rescan(.request) }
            #expect(scene.current == ["a.wasm": Digest(of: Self.one), "b.wasm": Digest(of: Self.two)])
            #expect(scene.catalog.snapshot.isComplete)
            #expect(scene.volume.waiters == 1)
            scene.volume.recover()
            await Self.settle(scene)
            scene.catalog.rescan(.poll)
            #expect(scene.current == ["c.wasm": Digest(of: Self.two), "b.wasm": Digest(of: Self.two)])
        }
    }
}
