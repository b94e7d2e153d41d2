// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import Yams

extension PluginConfiguration {
    /// Reads a text of YAML by the core schema of YAML 1.2.2 (§10.3), whose values may have so many bytes.
    ///
    /// What JSON would have to change is rejected.
    init(yaml text: String, most: Int) throws(YAMLError) {
        guard let node = try YAMLText.document(text) else {
            throw YAMLError(line: nil, "holds nothing; a plugin is configured by one document of JSON or YAML")
        }
        var room = most
        let value = try Self.value(of: node, depth: 1, &room)
        // TOML, XML and lists of settings are one long text to YAML.
        if case .string = value, node.scalar?.style == .plain {
            throw YAMLError(
                line: node.mark?.line,
                "is neither JSON nor YAML with keys and values; write `key: value`, or put it in double quotes if it is one text"
            )
        }
        self = value
    }

    private static func value(of node: Node, depth: Int, _ room: inout Int) throws(YAMLError) -> PluginConfiguration {
        let line = node.mark?.line
        guard depth <= deepest else { throw YAMLError(line: line, "has more than \(deepest) levels; use fewer") }
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
            throw YAMLError(line: line, "an alias has nothing that it stands for; write the value out")
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
                throw YAMLError(line: line, "a key is not text; JSON has no such keys, so write it as text")
            }
            try take(1 + scalar.string.utf8.count, of: &room)
            let name = try name(of: scalar)
            // `1` and `"1"` are two keys to YAML.
            guard names.insert(Array(name.utf8)).inserted else {
                throw YAMLError(line: line, "the key '\(name)' is duplicated; leave one of them out")
            }
            members.append(Member(name, try value(of: element, depth: depth + 1, &room)))
        }
        return members
    }

    /// The text of a key.
    ///
    /// One that YAML takes for something else is text to JSON, as it is written or as it is meant; readers differ. Where it
    /// makes no difference, as for whole numbers, there is nothing to reject.
    private static func name(of scalar: Node.Scalar) throws(YAMLError) -> String {
        let line = scalar.mark?.line
        let name = scalar.string
        guard scalar.isUntagged, scalar.style == .plain else {
            try requireKnown(scalar.tag, [.str], line)
            return name
        }
        guard name != "<<" else {
            throw YAMLError(
                line: line,
                "'<<' merges to YAML 1.1 and is a name to YAML 1.2; write the members out, or put it in quotes"
            )
        }
        let value: PluginConfiguration
        do throws(CoreSchema.Rejection) {
            value = try CoreSchema.value(of: name)
        } catch {
            throw YAMLError(line: line, "the key '\(name)' \(error.reason)")
        }
        let isWhole = name.utf8.allSatisfy { (48...57).contains($0) } && Int32(name) != nil
        guard value == .string(name) || (isWhole && value == .number(name)) else {
            throw YAMLError(
                line: line,
                "the key '\(name)' is not text to YAML, and JSON has keys of text only; put it in quotes"
            )
        }
        return name
    }

    private static func value(of scalar: Node.Scalar) throws(YAMLError) -> PluginConfiguration {
        let line = scalar.mark?.line
        let tag = Tag.Name(rawValue: scalar.tag.rawValue)
        if tag == .str || (scalar.isUntagged && scalar.style != .plain) { return .string(scalar.string) }
        let value: PluginConfiguration
        do throws(CoreSchema.Rejection) {
            value = try CoreSchema.value(of: scalar.string)
        } catch {
            throw YAMLError(line: line, "'\(scalar.string)' \(error.reason)")
        }
        switch (tag, value) {
        case (.null, .null), (.bool, .bool), (.float, .number): return value
        case (.int, .number(let text)) where !text.contains(where: { ".eE".contains($0) }): return value
        case (.null, _), (.bool, _), (.float, _), (.int, _):
            throw YAMLError(line: line, "'\(scalar.string)' is not what its tag says; leave the tag out")
        default:
            try requireKnown(scalar.tag, [], line)
            return value
        }
    }

    /// Requires that a tag says no more than is known anyway.
    private static func requireKnown(_ tag: Tag, _ known: [Tag.Name], _ line: Int?) throws(YAMLError) {
        let name = Tag.Name(rawValue: tag.rawValue)
        guard !([.implicit, .implicitScalar] + known).contains(name) else { return }
        throw YAMLError(line: line, "has the tag '\(name.rawValue)', which means nothing to JSON; leave it out")
    }

    private static func take(_ bytes: Int, of room: inout Int) throws(YAMLError) {
        room -= bytes
        guard room >= 0 else { throw YAMLError(line: nil, "stands for too many values; use fewer aliases") }
    }
}
