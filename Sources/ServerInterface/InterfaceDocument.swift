// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
internal import HTTPSemantics

/// A document of ours in JSON that people read, too.
package protocol InterfaceDocument: Encodable {}

extension InterfaceDocument where Self: Decodable {
    /// Reads a document; nil if it is not such a one.
    package init?(_ document: [UInt8]) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(document)) else { return nil }
        self = value
    }
}

extension InterfaceDocument {
    /// The document's bytes, with what a terminal would obey escaped.
    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let document = String(decoding: try encoder.encode(self), as: UTF8.self)
            return Array("\(JSONText.printable(document))\n".utf8)
        } catch {
            preconditionFailure("strings and integers always encode: \(error)")
        }
    }
}
