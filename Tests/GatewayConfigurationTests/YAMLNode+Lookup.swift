// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing
import YAMLSyntax

extension YAMLNode {
    /// The document that a text holds; it must hold one.
    static func document(_ text: String) throws -> YAMLNode {
        try #require(try YAMLReader.document(in: text))
    }

    /// The value of a key; nil if this is no mapping, or has no such key.
    subscript(key: String) -> YAMLNode? {
        mapping?.members.first { $0.key.text == key }?.value
    }

    /// An element; nil if this is no list, or has fewer.
    subscript(index: Int) -> YAMLNode? {
        guard case .sequence(let sequence) = self, sequence.elements.indices.contains(index) else { return nil }
        return sequence.elements[index]
    }
}
