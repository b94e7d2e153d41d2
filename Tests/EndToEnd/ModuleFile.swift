// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport

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
        bytes = WasmModule.ofSize(size)
        path = try folder.write(bytes, to: name)
        sha256 = String(try await CommandLineTool.require(["sha256sum", path]).prefix(64))
    }

    /// Puts a copy at another path by renaming: nobody sees half of it.
    func replace(_ path: String) throws {
        try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }
}
