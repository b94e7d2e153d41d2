// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import Yams

extension PluginConfiguration {
    /// Reads a text of YAML by the core schema of YAML 1.2.2 (§10.3).
    ///
    /// What JSON would have to change is refused.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - most: How many bytes of values it may stand for.
    /// - Throws: ``YAMLError``.
    init(yaml text: String, most: Int) throws(YAMLError) {
        var nodes: [Node] = []
        do {
            var documents = try Yams.compose_all(yaml: text, Self.unresolved())
            while let node = documents.next() { nodes.append(node) }
            if let error = documents.error { throw error }
        } catch {
            throw .syntax("\(error)".split(separator: "\n").prefix(2).joined(separator: " "))
        }
        guard let node = nodes.first, nodes.count == 1 else { throw .documents(nodes.count) }
        var room = most
        self = try Self.value(of: node, depth: 1, &room)
    }

    /// Yams writes what it takes a scalar for into its tag, even before it is asked; this tells it to take it for nothing.
    private static func unresolved() throws -> Resolver {
        .basic.appending(try Resolver.Rule(.implicitScalar, "^"))
    }

    private static func value(of node: Node, depth: Int, _ room: inout Int) throws(YAMLError) -> PluginConfiguration {
        let line = node.mark?.line
        guard depth <= deepest else { throw .value(line: line, "has more than \(deepest) levels; use fewer") }
        switch node {
        case .scalar(let scalar):
            try take(1 + scalar.string.utf8.count, of: &room)
            return try value(of: scalar)
        case .sequence(let sequence):
            try take(1, of: &room)
            try requireKnown(sequence.tag, [.seq], line)
            var elements: [PluginConfiguration] = []
            for element in sequence { elements.append(try value(of: element, depth: depth + 1, &room)) }
            return .array(elements)
        case .mapping(let mapping):
            try take(1, of: &room)
            try requireKnown(mapping.tag, [.map], line)
            return .object(try members(of: mapping, depth: depth, &room))
        default:
            throw .value(line: line, "an alias has nothing that it stands for; write the value out")
        }
    }

    private static func members(
        of mapping: Node.Mapping,
        depth: Int,
        _ room: inout Int
    ) throws(YAMLError) -> [Member] {
        var members: [Member] = []
        var names: Set<[UInt8]> = []
        for (key, element) in mapping {
            let line = key.mark?.line
            guard let scalar = key.scalar else {
                throw .value(line: line, "a key is not text; JSON has no such keys, so write it as text")
            }
            let name = scalar.string
            try take(1 + name.utf8.count, of: &room)
            try requireKnown(scalar.tag, [.str], line)
            guard name != "<<" || scalar.style != .plain else {
                throw .value(
                    line: line,
                    "'<<' merges to YAML 1.1 and is a name to YAML 1.2; write the members out, or put it in quotes"
                )
            }
            // `1` and `"1"` are two keys to YAML.
            guard names.insert(Array(name.utf8)).inserted else {
                throw .value(line: line, "the key '\(name)' is duplicated; leave one of them out")
            }
            members.append(Member(name, try value(of: element, depth: depth + 1, &room)))
        }
        return members
    }

    private static func value(of scalar: Node.Scalar) throws(YAMLError) -> PluginConfiguration {
        let line = scalar.mark?.line
        let tag = Tag.Name(rawValue: scalar.tag.rawValue)
        let isUntagged = [.implicit, .implicitScalar].contains(tag)
        if tag == .str || (isUntagged && scalar.style != .plain) { return .string(scalar.string) }
        let value: PluginConfiguration
        do throws(CoreSchema.Refusal) {
            value = try CoreSchema.value(of: scalar.string)
        } catch {
            throw .value(line: line, "'\(scalar.string)' \(error.reason)")
        }
        switch (tag, value) {
        case (.null, .null), (.bool, .bool), (.float, .number): return value
        case (.int, .number(let text)) where !text.contains(where: { ".eE".contains($0) }): return value
        case (.null, _), (.bool, _), (.float, _), (.int, _):
            throw .value(line: line, "'\(scalar.string)' is not what its tag says; leave the tag out")
        default:
            try requireKnown(scalar.tag, [], line)
            return value
        }
    }

    /// Requires that a tag says no more than is known anyway.
    private static func requireKnown(_ tag: Tag, _ known: [Tag.Name], _ line: Int?) throws(YAMLError) {
        let name = Tag.Name(rawValue: tag.rawValue)
        guard !([.implicit, .implicitScalar] + known).contains(name) else { return }
        throw .value(line: line, "has the tag '\(name.rawValue)', which means nothing to JSON; leave it out")
    }

    private static func take(_ bytes: Int, of room: inout Int) throws(YAMLError) {
        room -= bytes
        guard room >= 0 else { throw .value(line: nil, "stands for too many values; use fewer aliases") }
    }
}

extension Tag.Name {
    /// The tag of scalars that were given none.
    fileprivate static let implicitScalar: Tag.Name = "?"
}
