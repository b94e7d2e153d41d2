// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

/// A file that tests of several rooms share: it is the contract between them.
package enum Fixture: String {
    /// Plugins with the verdicts of real Envoys; `Scripts/verify admission` writes it.
    case admission = "admission.txt"
    /// Header blocks, and what other implementations of HPACK make of them; `Scripts/verify hpack` writes it.
    case hpack = "hpack.json"
    /// A document at `/modules`, as `docs/schemas/modules.schema.json` describes it.
    case modules = "modules.json"
    /// Modules with the verdicts of another validator; `Scripts/verify validation` writes it.
    case validation = "validation.txt"

    /// Its bytes.
    package func bytes() throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: tests.appending(path: "Fixtures/\(rawValue)")))
    }
}
