// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import ModuleCatalog
import ProxyWasm
import TestSupport
import Testing

@Suite("A catalog")
struct CatalogTests {
    private static let module = WasmModule.ofSize(300)

    @Test("asks the policy that it is given, and tells every reason and remedy of it")
    func admission() async throws {
        struct Rule: AdmissionRule {
            let identifier: String
            let demand = "A module is no larger than the smallest."

            func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
                guard facts.size > WasmModule.plugin.count else { return [] }
                return [Objection(identifier, .refuses, "is not \(identifier)", remedy: "make it \(identifier)")]
            }
        }
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "a.wasm")
            try folder.write(WasmModule.ofSize(140), to: "b.wasm")
            let policy = AdmissionPolicy(by: [Rule(identifier: "small"), Rule(identifier: "short")])
            let sources = [Source.path(folder.path)]
            let snapshot = try Catalog(sources: sources, maximumModuleSize: 200, admission: policy).load()
            #expect(snapshot.modules.map(\.path.text) == ["a.wasm"])
            #expect(snapshot.modules.map(\.content.facts.size) == [WasmModule.plugin.count])
            let error = try #require(snapshot.rejected.first?.error)
            #expect(error.rules == ["small", "short"])
            #expect(error.explanation == "is not small (small), and is not short (short); make it small; make it short")
        }
    }

    @Test("serves a file under its own name, with the digest of its bytes", arguments: SealedMemory.allCases)
    func file(_ memory: SealedMemory) async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.module, to: "filter.wasm")
            let snapshot = try load([.path(file)], memory: memory)
            let module = try #require(snapshot.modules.first)
            #expect(snapshot.modules.count == 1)
            #expect(module.path.text == "filter.wasm")
            #expect(content(of: module) == Self.module)
            #expect(module.blob.digest == Digest(of: Self.module))
            #expect(module.blob.memory == memory)
            #expect(snapshot.isComplete)
        }
    }

    @Test("serves Kuadrant's one file as /plugin.wasm, whatever its name")
    func plugin() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.module, to: "wasm-shim")
            #expect(try load([.plugin(file: file)]).modules.map(\.path.text) == ["plugin.wasm"])
        }
    }

    @Test("serves what is embedded")
    func embedded() throws {
        let snapshot = try load([.embedded(.plugin, Self.module)])
        #expect(snapshot.modules.map(\.blob.digest) == [Digest(of: Self.module)])
    }

    @Test("keeps what it has read when the file is changed afterwards")
    func sealed() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.module, to: "a.wasm")
            let snapshot = try load([.path(file)])
            try FileHandle(forWritingTo: URL(filePath: file)).write(contentsOf: Data([9, 9, 9, 9]))
            try FileManager.default.removeItem(atPath: file)
            #expect(snapshot.modules.first.map(content) == Self.module)
        }
    }

    @Test("lets a module in up to the limit, to the byte")
    func sizeLimit() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.module, to: "a.wasm")
            #expect(try load([.path(file)], maximumModuleSize: 300).modules.count == 1)
            let error = try #require(throws: CatalogError.self) { try load([.path(file)], maximumModuleSize: 299) }
            #expect(error.code == .inadmissible)
            #expect(error.reason == "has 300 bytes, and --size allows 299 bytes")
            #expect(error.remedy.hasPrefix("raise --size, or"))
        }
    }

    @Test("serves what is good and reports what is not")
    func partly() async throws {
        try await TemporaryFolder.with { folder in
            let good = try folder.write(Self.module, to: "good.wasm")
            let bad = try folder.write(Array("<html>".utf8), to: "bad.wasm")
            let missing = folder.path("missing.wasm")
            let snapshot = try load([.path(good), .path(bad), .path(missing)])
            #expect(snapshot.modules.map(\.path.text) == ["good.wasm"])
            #expect(Set(snapshot.rejected.map(\.error.subject)) == [bad, missing])
            #expect(!snapshot.isComplete)
        }
    }

    @Test("names both files that claim one path")
    func conflict() async throws {
        try await TemporaryFolder.with { folder in
            let first = try folder.write(Self.module, to: "one/a.wasm")
            let second = try folder.write(Self.module, to: "two/a.wasm")
            let error = try #require(throws: CatalogError.self) { try load([.path(first), .path(folder.path("two"))]) }
            #expect(error.code == .conflict)
            #expect(error.description.contains(first))
            #expect(error.description.contains(second))
        }
    }

    @Test(
        "rejects a lone file that is no module, and says why",
        arguments: [
            ([], "empty"),
            (Array("<!DOCTYPE html>".utf8), "HTML"),
            ([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], "component"),
            (Array(module[..<200]), "the file ends within"),
        ] as [([UInt8], String)]
    )
    func inadmissible(_ bytes: [UInt8], _ reason: String) async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(bytes, to: "a.wasm")
            let error = try #require(throws: CatalogError.self) { try load([.path(file)]) }
            #expect(error.code == .inadmissible)
            #expect(error.subject == file)
            #expect(error.description.contains(reason))
            #expect(!error.description.contains("\n"))
        }
    }

    @Test("does not wait for a FIFO, and rejects it")
    func fifo() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder.path("a.wasm")
            #expect(unsafe mkfifo(path, 0o600) == 0)
            let error = try #require(throws: CatalogError.self) { try load([.path(path)]) }
            #expect(error.code == .inadmissible)
        }
    }

    private func load(
        _ sources: [Source],
        maximumModuleSize: Int = 1 << 20,
        memory: SealedMemory? = nil
    ) throws -> Snapshot {
        let catalog = Catalog(
            sources: sources,
            maximumModuleSize: maximumModuleSize,
            limitNames: LimitNames(moduleSize: "--size"),
            memory: memory
        )
        let snapshot = try catalog.load()
        if snapshot.modules.isEmpty, let first = snapshot.rejected.first { throw first.error }
        return snapshot
    }

    private func content(of module: Module) -> [UInt8] {
        module.blob.withSpan { bytes in bytes.indices.map { bytes[$0] } }
    }
}
