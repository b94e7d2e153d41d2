// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing
import YAMLSyntax

/// A CustomResourceDefinition, as its project publishes it.
struct ResourceDefinition {
    private let schema: YAMLNode

    /// The definition of a kind, of the first version that it has.
    init(of kind: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../crds")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let specs = try files.filter { $0.pathExtension == "yaml" }.compactMap { file in
            try YAMLNode.document(String(contentsOf: file, encoding: .utf8))["spec"]
        }
        let spec = try #require(specs.first { $0["names"]?["kind"]?.scalar?.text == kind })
        schema = try #require(spec["versions"]?[0]?["schema"]?["openAPIV3Schema"])
    }

    /// The paths of members that the definition does not name.
    func unknownMembers(of document: YAMLNode) throws -> [String] {
        try ["spec"].flatMap { name in
            Self.unknown(
                in: try #require(document[name]),
                by: try #require(schema["properties"]?[name]),
                at: name
            )
        }
    }

    private static func unknown(in node: YAMLNode, by schema: YAMLNode, at path: String) -> [String] {
        if case .sequence(let sequence) = node, let items = schema["items"] {
            return sequence.elements.enumerated().flatMap { unknown(in: $1, by: items, at: "\(path)[\($0)]") }
        }
        guard let mapping = node.mapping, let properties = schema["properties"] else { return [] }
        return mapping.members.flatMap { member -> [String] in
            let path = "\(path).\(member.key.text)"
            guard let known = properties[member.key.text] else { return [path] }
            return unknown(in: member.value, by: known, at: path)
        }
    }
}
