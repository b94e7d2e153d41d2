// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// A module in a file, and what `sha256sum` says of it.
struct ModuleFile: Sendable {
    /// Where the file is.
    let path: String
    /// What it holds.
    let bytes: [UInt8]
    /// The digest in 64 hexadecimal digits.
    let sha256: String

    /// Where servers have it by its digest.
    var digestPath: String { "/sha256/\(sha256).wasm" }

    /// Writes a module that its size tells from others.
    init(ofSize size: Int, to name: String, in folder: TemporaryFolder) async throws {
        try await self.init(WasmModule.ofSize(size), to: name, in: folder)
    }

    /// Writes a module.
    init(_ bytes: [UInt8], to name: String, in folder: TemporaryFolder) async throws {
        self.bytes = bytes
        path = try folder.write(bytes, to: name)
        sha256 = String(try await CommandLineTool.require(["sha256sum", path]).prefix(64))
    }

    /// Expects an answer to bring the module, whole.
    func expect(in reply: TestReply, _ location: SourceLocation = #_sourceLocation) {
        #expect(reply.status == 200, sourceLocation: location)
        // Not compared by the expectation, which would show all of both.
        let isSame = reply.content == bytes
        #expect(isSame, "\(reply.content.count) bytes are not those of \(sha256)", sourceLocation: location)
    }

    /// Puts a copy at another path by renaming: nobody sees half of it.
    func replace(_ path: String) throws {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }
}
