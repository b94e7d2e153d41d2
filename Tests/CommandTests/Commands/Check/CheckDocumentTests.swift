// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import ProxyWasm
import TestSupport
import Testing

@testable import wasm_server

@Suite("What a check tells scripts")
struct CheckDocumentTests {
    /// Members that `docs/schemas/check.schema.json` promises.
    private struct ReadDocument: Decodable {
        struct Finding: Decodable {
            let rule, level: String
            let offset: Int?
            let hosts: [String]
        }
        struct Host: Decodable {
            let host, verdict: String
            let isRequested: Bool
            let rules: [String]
        }
        struct File: Decodable {
            let file, verdict: String
            let reason, sha256: String?
            let size: Int?
            let hosts: [Host]
            let findings: [Finding]
        }
        let verdict: String
        let files: [File]
    }

    private func files(of words: [String], for hosts: [HostProfile]) -> [CheckedFile] {
        var files: [CheckedFile] = []
        for word in words { Check(hosts: hosts, isStrict: false).run(on: word) { files.append($0) } }
        return files
    }

    private func document(of words: [String], for hosts: [HostProfile] = [.newest]) throws -> ReadDocument {
        let text = JSONDocument.text(of: CheckDocument(of: files(of: words, for: hosts)))
        return try JSONDecoder().decode(ReadDocument.self, from: Data(text.utf8))
    }

    @Test("has every file with its verdict, and the worst of them")
    func verdicts() async throws {
        try await TemporaryFolder.with { folder in
            let good = try folder.write(PluginModule().bytes, to: "good.wasm")
            let bad = try folder.write(WasmModule.empty, to: "bad.wasm")
            #expect(try document(of: [good]).verdict == "admitted")
            #expect(try document(of: [good, bad]).verdict == "rejected")
            let all = try document(of: [good, folder.path("none.wasm"), bad])
            #expect(all.verdict == "unreadable")
            #expect(all.files.map(\.verdict) == ["admitted", "unreadable", "rejected"])
            #expect(all.files.map(\.size) == [PluginModule().bytes.count, nil, WasmModule.empty.count])
            #expect(all.files.map { $0.reason != nil } == [false, true, false])
            // As sha256sum has it of the eight bytes of the smallest module.
            #expect(all.files.last?.sha256 == "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476")
        }
    }

    @Test("has what every host would do, and what is wrong for those that were asked for")
    func hosts() async throws {
        try await TemporaryFolder.with { folder in
            let plugin = PluginModule(importing: [PluginModule.fdPread])
            let name = try folder.write(plugin.bytes, to: "plugin.wasm")
            let file = try #require(try document(of: [name], for: HostProfile.envoys).files.first)
            #expect(file.hosts.map(\.host) == HostProfile.all.map(\.name))
            let rejecting = ["envoy-1.38", "envoy-1.37", "envoy-1.36"]
            let rejected = file.hosts.filter { $0.verdict == "rejected" }.map(\.host)
            #expect(rejected.filter { $0.hasPrefix("envoy-1") } == rejecting)
            // Istio 1.30 is built of Envoy 1.38, and 1.31 of 1.39 (istio.io, Supported Releases).
            #expect(rejected.contains("istio-1.30") && !rejected.contains("istio-1.31"))
            #expect(file.findings.map(\.hosts) == [rejecting])
            #expect(file.findings.first?.offset == plugin.offset(of: "wasi_snapshot_preview1"))
            let newest = try #require(try document(of: [name]).files.first)
            #expect(newest.verdict == "admitted" && newest.findings.isEmpty)
            #expect(newest.hosts.filter(\.isRequested).map(\.host) == ["envoy-1.40"])
            #expect(newest.hosts.filter { $0.verdict == "rejected" }.map(\.host) == rejected)
        }
    }

    @Test("has every module below a directory, as a server would find them, and what it could not serve")
    func directory() async throws {
        try await TemporaryFolder.with { folder in
            for name in ["modules/b/1.0.0/plugin.wasm", "modules/a.wasm", "modules/.hidden.wasm", "modules/read.me"] {
                _ = try folder.write(PluginModule().bytes, to: name)
            }
            try FileManager.default.createDirectory(
                atPath: folder.path("modules/folder.wasm"),
                withIntermediateDirectories: false
            )
            let found = try document(of: [folder.path("modules/")])
            let names = found.files.map { $0.file.replacing(folder.path, with: "") }
            #expect(names == ["/modules/a.wasm", "/modules/b/1.0.0/plugin.wasm", "/modules/folder.wasm"])
            #expect(found.files.map(\.verdict) == ["admitted", "admitted", "unreadable"])
            let nothing = try document(of: [folder.path("modules/b/2.0.0")])
            #expect(nothing.files.map(\.verdict) == ["unreadable"])
        }
    }

    @Test(
        "does not judge what a server would not take from a directory, and waits for none of it",
        arguments: [true, false]
    )
    func unservable(_ isForHosts: Bool) async throws {
        try await TemporaryFolder.with { folder in
            let target = try folder.write(PluginModule().bytes, to: "target.wasm")
            _ = try folder.write(PluginModule().bytes, to: "modules/PLUGIN.WASM")
            #expect(unsafe symlink(target, folder.path("modules/link.wasm")) == 0)
            #expect(unsafe mkfifo(folder.path("modules/pipe.wasm"), 0o600) == 0)
            let hosts = isForHosts ? [HostProfile.newest] : []
            let words = [folder.path("modules")]
            let found = try document(of: words, for: hosts)
            #expect(found.files.count == 3)
            #expect(found.files.allSatisfy { $0.verdict == "unreadable" && $0.findings.isEmpty && $0.reason != nil })
            let failure = try #require(throws: CommandFailure.self) {
                try CheckFormat.text.require(files(of: words, for: hosts))
            }
            #expect(failure.status == .noInput)
            #expect(failure.lines.count == 3)
        }
    }

    @Test("reads a pipe that is named")
    func pipe() async throws {
        try await TemporaryFolder.with { folder in
            let (pipe, bytes) = (folder.path("pipe"), PluginModule().bytes)
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            Thread.detachNewThread { FileHandle(forWritingAtPath: pipe)?.write(Data(bytes)) }
            let read = try document(of: [pipe])
            #expect(read.files.map(\.size) == [bytes.count])
        }
    }

    @Test("rejects for every host what none fetches, and knows nothing of it where it is for none")
    func tooLarge() async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write([], to: "large.wasm")
            // No gateway takes more than 256 MiB, as Istio's agent does.
            #expect(unsafe truncate(file, (256 << 20) + 1) == 0)
            let rejected = try #require(try document(of: [file]).files.first)
            #expect(rejected.verdict == "rejected" && rejected.findings.map(\.rule) == ["fetch-limit"])
            #expect(rejected.hosts.allSatisfy { $0.verdict == "rejected" })
            #expect(try document(of: [file], for: []).files.map(\.verdict) == ["unreadable"])
        }
    }
}
