// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
internal import HTTPSemantics

/// How commands write JSON: for scripts, and such that a person can read it in a terminal.
enum JSONDocument {
    /// The text of a document of strings and numbers.
    static func text(of document: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return JSONText.printable(String(decoding: try encoder.encode(document), as: UTF8.self))
        } catch {
            preconditionFailure("strings and integers always encode: \(error)")
        }
    }
}
