// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Yams

/// A text of YAML, read without giving its scalars a meaning.
enum YAMLText {
    /// The one document that a text holds; nil if it holds nothing.
    ///
    /// - Throws: ``YAMLError``.
    static func document(_ text: String) throws(YAMLError) -> Node? {
        if KeyAliases.mayHang(in: text) {
            throw YAMLError(line: nil, "has aliases within keys, which stand for too many values; write the keys out")
        }
        let nodes: [Node]
        do {
            let parser = try Parser(yaml: text, resolver: try unresolved(), encoding: .utf8)
            var found: [Node] = []
            while found.count < 2, let node = try parser.nextRoot() { found.append(node) }
            nodes = found
        } catch {
            throw YAMLError(error, in: text)
        }
        guard nodes.count < 2 else {
            throw YAMLError(line: nodes[1].mark?.line, "begins a second document; write one, without another `---`")
        }
        return nodes.first
    }

    /// Yams writes what it takes a scalar for into its tag, even before it is asked; this tells it to take it for nothing.
    private static func unresolved() throws -> Resolver {
        .basic.appending(try Resolver.Rule(.implicitScalar, "^"))
    }
}

extension Tag.Name {
    /// The tag of scalars that were given none.
    static let implicitScalar: Tag.Name = "?"
}

extension Node.Scalar {
    /// Whether it has no tag that says what it is.
    var isUntagged: Bool { [.implicit, .implicitScalar].contains(Tag.Name(rawValue: tag.rawValue)) }

    /// Whether it is YAML's way to write nothing (YAML 1.2.2 §10.3.2).
    var isNull: Bool {
        Tag.Name(rawValue: tag.rawValue) == .null
            || (isUntagged && style == .plain && ["", "~", "null", "Null", "NULL"].contains(string))
    }
}
