// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import ModuleCatalog
import TestSupport
import Testing

@Suite("A directory as a source")
struct DirectorySourceTests {
    private static let module = WasmModule.plugin

    @Test("offers every .wasm below it at its relative path, and nothing else")
    func tree() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["a.wasm", "ai-proxy/1.0.0/plugin.wasm", "deep/er/b.wasm"] {
                try folder.write(Self.module, to: name)
            }
            for name in [
                "README.md", "a.wasm.sha256", "a.wasm~", ".hidden.wasm", ".HIDDEN.WASM", "wasm", ".git/x.wasm",
                "ai-proxy/notes.txt",
                "lost+found/x.wasm",
            ] {
                try folder.write(Array("no module".utf8), to: name)
            }
            #expect(try paths(in: folder) == ["a.wasm", "ai-proxy/1.0.0/plugin.wasm", "deep/er/b.wasm"])
        }
    }

    @Test("offers files whose names begin with a mark, or are other bytes of the same text")
    func marks() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["\u{301}mark.wasm", "\u{f1}.wasm", "n\u{303}.wasm"] { try folder.write(Self.module, to: name) }
            let snapshot = try load(folder.path)
            #expect(snapshot.modules.map(\.path.urlPath) == ["/n%CC%83.wasm", "/%C3%B1.wasm", "/%CC%81mark.wasm"])
            #expect(snapshot.rejected.isEmpty)
        }
    }

    @Test(
        "rejects what was meant to be named as a module, rather than pass it over in silence",
        arguments: [
            "PLUGIN.WASM", "a.Wasm", "b.wasm ", "c.wasm\n", "d.WASM\u{a0}", "sub/e.wASM", "f.wasm\u{200b}",
            "g.wasm\u{feff}",
            "h.wasm\u{301}", "i.wasm\u{1}", "j.wasm\u{202e}",
        ]
    )
    func nearly(_ name: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "plugin.wasm")
            try folder.write(Self.module, to: name)
            try folder.write(Self.module, to: "DIRECTORY.WASM/f.wasm")
            let snapshot = try load(folder.path)
            #expect(snapshot.modules.map(\.path.text) == ["DIRECTORY.WASM/f.wasm", "plugin.wasm"])
            #expect(snapshot.rejected.map(\.error.code) == [.unusableName])
            #expect(snapshot.rejected.map(\.error.subject) == [folder.path(name)])
        }
    }

    @Test(
        "rejects a name that is not UTF-8 where it was meant to be a module's",
        arguments: [#"e.wasm\377"#, #"\377.WASM"#, #"\303.wasm"#, #"f.Wasm\377 "#]
    )
    func nameNotUTF8(_ name: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "plugin.wasm")
            let script = #"cd "$1" && cp plugin.wasm "$(printf "$2")""#
            _ = try await CommandLineTool.require(["sh", "-c", script, "sh", folder.path, name])
            let snapshot = try load(folder.path)
            #expect(snapshot.modules.map(\.path.text) == ["plugin.wasm"])
            #expect(snapshot.rejected.map(\.error.code) == [.unusableName])
            #expect(snapshot.rejected.map(\.error.reason) == ["has a name that is not UTF-8"])
        }
    }

    @Test("as Kubernetes mounts a ConfigMap, through ..data, offers each file once")
    func configMap() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "..2026_11_23_10_00_00.1/plugin.wasm")
            try folder.link("..data", to: "..2026_11_23_10_00_00.1")
            try folder.link("plugin.wasm", to: "..data/plugin.wasm")
            #expect(try paths(in: folder) == ["plugin.wasm"])
        }
    }

    @Test("offers a file under each of the names that link to it")
    func aliases() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "v1/plugin.wasm")
            try folder.link("latest.wasm", to: "v1/plugin.wasm")
            #expect(try paths(in: folder) == ["latest.wasm", "v1/plugin.wasm"])
        }
    }

    @Test("offers a directory under each of the names that link to it")
    func linkedDirectories() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "1.0.0/plugin.wasm")
            try folder.link("latest", to: "1.0.0")
            try folder.link("current", to: "1.0.0")
            #expect(try paths(in: folder) == ["1.0.0/plugin.wasm", "current/plugin.wasm", "latest/plugin.wasm"])
        }
    }

    @Test("does not follow links in circles")
    func loops() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "a/b.wasm")
            try folder.link("a/parent", to: "..")
            try folder.link("a/self", to: "self")
            #expect(try paths(in: folder) == ["a/b.wasm"])
        }
    }

    @Test("rejects a link that leads out of it, and a dangling one")
    func escapes() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "outside.wasm")
            try folder.write(Self.module, to: "source/in.wasm")
            try folder.link("source/out.wasm", to: "../outside.wasm")
            try folder.link("source/passwd.wasm", to: "/etc/passwd")
            try folder.link("source/gone.wasm", to: "nowhere.wasm")
            try folder.link("source/up", to: "..")
            let snapshot = try load(folder.path("source"))
            #expect(snapshot.modules.map(\.path.text) == ["in.wasm"])
            let rejected = Dictionary(grouping: snapshot.rejected, by: \.error.subject).mapValues {
                $0.map(\.error.code)
            }
            #expect(rejected[folder.path("source/out.wasm")] == [.inadmissible])
            #expect(rejected[folder.path("source/passwd.wasm")] == [.inadmissible])
            #expect(rejected[folder.path("source/gone.wasm")] == [.missing])
            #expect(rejected[folder.path("source/up")] == [.inadmissible])
        }
    }

    @Test("without a module is an error that names it")
    func empty() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write([], to: "notes.txt")
            let snapshot = try load(folder.path)
            #expect(snapshot.modules.isEmpty)
            #expect(snapshot.rejected.map(\.error.code) == [.empty])
            #expect(snapshot.rejected.map(\.error.subject) == [folder.path])
        }
    }

    @Test("is read whether it is named with a slash at its end or without")
    func trailingSlash() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.module, to: "a.wasm")
            #expect(try load(folder.path + "/").modules.map(\.path.text) == ["a.wasm"])
            let bad = try folder.write(Array("<html>".utf8), to: "b.wasm")
            #expect(try load(folder.path + "/").rejected.map(\.error.subject) == [bad])
        }
    }

    private func paths(in folder: TemporaryFolder) throws -> [String] {
        let snapshot = try load(folder.path)
        #expect(snapshot.rejected.map(\.error.description) == [])
        return snapshot.modules.map(\.path.text)
    }

    private func load(_ path: String) throws -> Snapshot {
        try Catalog(sources: [.path(path)], maximumModuleSize: 1 << 20).load()
    }
}
