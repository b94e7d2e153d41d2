// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// `Scripts/version`, which tells the build what to call itself.
@Suite("The version", .timeLimit(.minutes(5)))
struct VersionTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("is printed with the commit, and is that of a release to come where nobody told the compiler")
    func printed() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await Outcome.of(["--version"], in: folder)
            #expect(outcome.code == 0)
            let words = try #require(outcome.output.wholeMatch(of: /(.+) \(revision (.+)\)\n/))
            let (version, revision) = (words.output.1, words.output.2)
            // Semantic Versioning 2.0.0, without metadata, which an image's tag cannot have.
            #expect(version.wholeMatch(of: /\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?/) != nil)
            #expect(revision == "unknown" || revision.wholeMatch(of: /[0-9a-f]{40}/) != nil)
            if revision == "unknown" { #expect(version.hasSuffix("-dev")) }
        }
    }

    @Test("is that of the commit, in a checkout as in what `git archive` makes of it, and of the release with its tag")
    func commit() async throws {
        try await TemporaryFolder.with { folder in
            let checkout = try await Self.checkout(in: folder)
            let development = "0.1.0-dev.g\(checkout.revision.prefix(12))"
            try await Self.require(development, checkout.revision, in: checkout.path)
            let archive = try await Self.archive(of: checkout.path, in: folder, named: "archive")
            try await Self.require(development, checkout.revision, in: archive)

            try await Self.git(["tag", "v0.1.0"], in: checkout.path)
            try await Self.require("0.1.0", checkout.revision, in: checkout.path)
            let release = try await Self.archive(of: checkout.path, in: folder, named: "release")
            try await Self.require("0.1.0", checkout.revision, in: release)

            try folder.write(Array("// changed".utf8), to: "checkout/Package.swift")
            try await Self.require("\(development).dirty", checkout.revision, in: checkout.path)
        }
    }

    @Test("is not that of a repository around the sources, nor of one that the environment names")
    func otherRepository() async throws {
        try await TemporaryFolder.with { folder in
            let checkout = try await Self.checkout(in: folder)
            let development = "0.1.0-dev.g\(checkout.revision.prefix(12))"
            let inner = try await Self.archive(of: checkout.path, in: folder, named: "checkout/vendor")
            try await Self.commitAll(in: checkout.path)
            try await Self.require(development, checkout.revision, in: inner)
            // As in a hook.
            let other = try await CommandLineTool.run(
                ["\(inner)/Scripts/version"],
                environment: PlainEnvironment.variables
                    .merging(["GIT_DIR": "\(checkout.path)/.git", "GIT_WORK_TREE": inner]) { $1 }
            )
            #expect(other.output == "\(development)\n")
        }
    }

    @Test(
        "is what the build is told, if it can be the tag of an image",
        arguments: [
            ("0.1.0-rc.1", 0), ("0.1.0 && x", 64), ("v1", 64), ("0.1.0+abc", 64), (#"0.1.0""#, 64),
        ]
    )
    func told(_ version: String, _ code: Int32) async throws {
        let result = try await CommandLineTool.run(
            [Self.root.appending(path: "Scripts/version").path],
            environment: PlainEnvironment.variables.merging(["WASM_SERVER_BUILD_VERSION": version]) { $1 }
        )
        #expect(result.status == code)
        #expect(code == 0 ? result.output == "\(version)\n" : result.output.contains("WASM_SERVER_BUILD_VERSION"))
    }

    @Test("is one to come of an unknown commit where nothing tells it, and as given where somebody does")
    func untold() async throws {
        try await TemporaryFolder.with { folder in
            let checkout = try await Self.checkout(in: folder)
            for name in [".git", ".git_archival.txt"] {
                try FileManager.default.removeItem(atPath: "\(checkout.path)/\(name)")
            }
            #expect(
                try await Self.variables(in: checkout.path, given: [:])
                    == "WASM_SERVER_BUILD_VERSION=0.1.0-dev\nWASM_SERVER_BUILD_REVISION=unknown\nSOURCE_DATE_EPOCH=0\n"
            )
            try await Self.requireGiven(in: checkout.path)
        }
    }

    @Test("is as given, though git tells another one")
    func givenBesideGit() async throws {
        try await TemporaryFolder.with { folder in
            try await Self.requireGiven(in: Self.checkout(in: folder).path)
        }
    }

    @Test("fails where the tag and the sources tell different ones")
    func wrongTag() async throws {
        try await TemporaryFolder.with { folder in
            let checkout = try await Self.checkout(in: folder)
            try await Self.git(["tag", "v0.2.0"], in: checkout.path)
            let script = "\(checkout.path)/Scripts/version"
            let result = try await CommandLineTool.run([script])
            #expect(result.status == SysExit.dataError)
            #expect(result.output.contains("v0.2.0") && result.output.contains("0.1.0"))
        }
    }

    /// A repository with what tells the version, and one commit.
    private static func checkout(in folder: TemporaryFolder) async throws -> (path: String, revision: String) {
        for name in [".gitattributes", ".git_archival.txt", "Scripts/environment", "Scripts/version"] {
            try folder.write(Array(Data(contentsOf: root.appending(path: name))), to: "checkout/\(name)")
        }
        let release = "#define RELEASE \"0.1.0\"\n"
        try folder.write(Array(release.utf8), to: "checkout/Sources/CVersion/version.c")
        try folder.write(Array("// as it was".utf8), to: "checkout/Package.swift")
        let path = folder.path("checkout")
        _ = try await CommandLineTool.require(["chmod", "+x", "\(path)/Scripts/version"])
        try await git(["init", "--quiet"], in: path)
        try await commitAll(in: path)
        return (path, String(try await git(["rev-parse", "HEAD"], in: path).dropLast()))
    }

    private static func requireGiven(in path: String) async throws {
        let given = [
            "WASM_SERVER_BUILD_VERSION": "0.1.0-rc.1", "WASM_SERVER_BUILD_REVISION": String(repeating: "a", count: 40),
            "SOURCE_DATE_EPOCH": "1700000000",
        ]
        let told = try await variables(in: path, given: given)
        #expect(told.split(separator: "\n").sorted() == given.map { "\($0)=\($1)" }.sorted().map { $0[...] })
    }

    private static func variables(in path: String, given: [String: String]) async throws -> String {
        try await CommandLineTool.run(
            ["\(path)/Scripts/version", "variables"],
            environment: PlainEnvironment.variables.merging(given) { $1 }
        ).output
    }

    private static func commitAll(in path: String) async throws {
        try await git(["add", "--all"], in: path)
        try await git(
            ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "Test"],
            in: path
        )
    }

    /// Runs git as it is without anybody's configuration.
    @discardableResult
    private static func git(_ arguments: [String], in path: String) async throws -> String {
        let nobody = ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"]
        let result = try await CommandLineTool.run(
            ["git", "-C", path] + arguments,
            environment: PlainEnvironment.variables.merging(nobody) { $1 }
        )
        guard result.status == 0 else { throw Unexpected("git \(arguments): \(result.output)") }
        return result.output
    }

    private static func archive(of path: String, in folder: TemporaryFolder, named name: String) async throws -> String
    {
        let archive = folder.path("archive.tar")
        try await git(["archive", "--output", archive, "HEAD"], in: path)
        try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
        _ = try await CommandLineTool.require(["tar", "-xf", archive, "-C", folder.path(name)])
        return folder.path(name)
    }

    private static func require(_ version: String, _ revision: String, in path: String) async throws {
        let result = try await CommandLineTool.run(["\(path)/Scripts/version", "variables"])
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "WASM_SERVER_BUILD_VERSION=\(version)")
        #expect(lines.dropFirst().first == "WASM_SERVER_BUILD_REVISION=\(revision)")
        #expect(lines.last?.wholeMatch(of: /SOURCE_DATE_EPOCH=[1-9]\d+/) != nil)
    }
}
