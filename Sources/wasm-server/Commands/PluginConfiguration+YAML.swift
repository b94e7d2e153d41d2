// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import YAMLSyntax

extension PluginConfiguration {
    /// Reads a text of YAML by the core schema of YAML 1.2.2 (§10.3).
    ///
    /// What JSON would have to change is rejected.
    init(yaml text: String, limits: YAMLLimits) throws(YAMLError) {
        guard let node = try YAMLReader.document(in: text, limits: limits) else {
            throw YAMLError(line: nil, "holds nothing; a plugin is configured by one document of JSON or YAML")
        }
        let value = try Self.value(of: node)
        // TOML, XML and lists of settings are one long text to YAML.
        if case .string = value, node.scalar?.isPlain == true {
            throw YAMLError(
                line: node.line,
                "is neither JSON nor YAML with keys and values; write `key: value`, or put it in double quotes if it is one text"
            )
        }
        self = value
    }

    private static func value(of node: YAMLNode) throws(YAMLError) -> PluginConfiguration {
        switch node {
        case .scalar(let scalar): return try value(of: scalar)
        case .sequence(let sequence):
            try requireKnown(sequence.tag, [.seq], sequence.line)
            return .array(try sequence.elements.map(value))
        case .mapping(let mapping):
            try requireKnown(mapping.tag, [.map], mapping.line)
            return .object(try mapping.members.map(member))
        }
    }

    private static func member(of mapping: YAMLMapping.Member) throws(YAMLError) -> Member {
        Member(try name(of: mapping.key), try value(of: mapping.value))
    }

    /// The text of a key.
    ///
    /// One that YAML takes for something else is text to JSON, as it is written or as it is meant; readers differ. Where it
    /// makes no difference, as for whole numbers, there is nothing to reject.
    private static func name(of key: YAMLScalar) throws(YAMLError) -> String {
        let name = key.text
        guard key.tag == nil, key.isPlain else {
            try requireKnown(key.tag, [.str], key.line)
            return name
        }
        guard name != "<<" else {
            throw YAMLError(
                line: key.line,
                "'<<' merges to YAML 1.1 and is a name to YAML 1.2; write the members out, or put it in quotes"
            )
        }
        let value: PluginConfiguration
        do throws(CoreSchema.Rejection) {
            value = try CoreSchema.value(of: name)
        } catch {
            throw YAMLError(line: key.line, "the key '\(name)' \(error.reason)")
        }
        let isWhole = name.utf8.allSatisfy { (48...57).contains($0) } && Int32(name) != nil
        guard value == .string(name) || (isWhole && value == .number(name)) else {
            throw YAMLError(
                line: key.line,
                "the key '\(name)' is not text to YAML, and JSON has keys of text only; put it in quotes"
            )
        }
        return name
    }

    private static func value(of scalar: YAMLScalar) throws(YAMLError) -> PluginConfiguration {
        if scalar.tag == .str || (scalar.tag == nil && !scalar.isPlain) { return .string(scalar.text) }
        let value: PluginConfiguration
        do throws(CoreSchema.Rejection) {
            value = try CoreSchema.value(of: scalar.text)
        } catch {
            throw YAMLError(line: scalar.line, "'\(scalar.text)' \(error.reason)")
        }
        switch (scalar.tag, value) {
        case (.null, .null), (.bool, .bool), (.float, .number): return value
        case (.int, .number(let text)) where !text.contains(where: { ".eE".contains($0) }): return value
        case (.null, _), (.bool, _), (.float, _), (.int, _):
            throw YAMLError(line: scalar.line, "'\(scalar.text)' is not what its tag says; leave the tag out")
        default:
            try requireKnown(scalar.tag, [], scalar.line)
            return value
        }
    }

    /// Requires that a tag says no more than is known anyway.
    private static func requireKnown(_ tag: YAMLTag?, _ known: [YAMLTag], _ line: Int) throws(YAMLError) {
        guard let tag, !known.contains(tag) else { return }
        throw YAMLError(line: line, "has the tag '\(tag.rawValue)', which means nothing to JSON; leave it out")
    }
}
