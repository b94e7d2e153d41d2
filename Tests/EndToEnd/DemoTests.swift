// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// The demo plugin, and what builds it.
@Suite("The demo plugin", .timeLimit(.minutes(5)))
struct DemoTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("is what Examples/response-header builds to")
    func isBuiltFromSource() async throws {
        try await TemporaryFolder.with { folder in
            let built = try await Self.build(in: folder, PlainEnvironment.variables)
            try await withWasmServer { server in
                let served = try await server.get("/plugin.wasm")
                #expect(served.content == built)
            }
        }
    }

    /// What a terminal may be set up for, and what of it another compiler or another file would come of.
    enum SetUp: String, CaseIterable, CustomTestStringConvertible {
        case optimizerInPath, linkerInPath, ownHeaders, ownHeadersForC, compilersElsewhere, otherOptions
        case foldersToChangeTo, otherLocale, temporaryFolderWithSpace, nothingAtAll

        var testDescription: String { rawValue }

        /// The variables; `tools` has programs that must not be run, and a header that must not be read.
        func variables(_ tools: String) -> [String: String] {
            let path = PlainEnvironment.variables["PATH"] ?? ""
            return switch self {
            // Authors of plugins have binaryen's wasm-opt, which clang runs by itself.
            case .optimizerInPath, .linkerInPath: ["PATH": "\(tools):\(path)"]
            case .ownHeaders: ["CPATH": tools]
            case .ownHeadersForC: ["C_INCLUDE_PATH": tools]
            case .compilersElsewhere: ["COMPILER_PATH": tools]
            case .otherOptions: ["CCC_OVERRIDE_OPTIONS": "# +-O0 +-DNDEBUG", "CFLAGS": "-O0", "LDFLAGS": "-g"]
            case .foldersToChangeTo: ["CDPATH": ".:\(tools)"]
            case .otherLocale: ["LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"]
            case .temporaryFolderWithSpace: ["TMPDIR": "\(tools)/a b"]
            case .nothingAtAll: ["HOME": "", "USER": "", "LC_ALL": ""]
            }
        }
    }

    @Test("is built to the same bytes, whatever the terminal is set up for", arguments: SetUp.allCases)
    func sameBytes(_ setUp: SetUp) async throws {
        try await TemporaryFolder.with { folder in
            let expected = try Data(contentsOf: Self.root.appending(path: "Sources/wasm-server/Demo/plugin.wasm"))
            let tools = folder.path("tools")
            try folder.write(Array("#error read\n".utf8), to: "tools/stddef.h")
            try folder.write([], to: "tools/a b/file")
            try folder.write([], to: "tools/Examples/response-header/file")
            let names = setUp == .linkerInPath ? ["wasm-ld", "clang", "ld"] : ["wasm-opt"]
            for name in setUp == .compilersElsewhere ? ["wasm-ld", "wasm-opt"] : names {
                let tool = try folder.write(Array("#!/bin/sh\nexit 1\n".utf8), to: "tools/\(name)")
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
            }
            let variables = PlainEnvironment.variables.merging(setUp.variables(tools)) { $1 }
            let built = try await Self.build(in: folder, variables)
            #expect(built == expected)
        }
    }

    /// Builds it, as one would from the root of the repository.
    private static func build(in folder: TemporaryFolder, _ variables: [String: String]) async throws -> Data {
        let built = folder.path("plugin.wasm")
        let result = try await CommandLineTool.run(
            ["env", "--chdir", root.path, "bash", "Examples/response-header/build", built],
            environment: variables
        )
        #expect(result.status == 0, "\(result.output)")
        return try Data(contentsOf: URL(filePath: built))
    }
}
