// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import YAMLSyntax

/// The YAML file that `--config` or `WASM_SERVER_CONFIG` names.
struct ConfigurationFile {
    /// The largest file, in bytes: more than anyone writes.
    static let maximumSize = 1 << 20

    private let path: String

    /// What the file sets that a flag names, or else a variable; nothing if neither does.
    ///
    /// - Throws: ``CommandFailure``.
    static func entries(named flag: String?, _ variables: Variables) throws(CommandFailure) -> [Setting: Given] {
        if let flag {
            try Given(values: [flag], place: .flag("--config")).requireSomething(allowed: "the path of a file")
            return try entries(at: flag)
        }
        guard let path = try variables.path(Variables.configurationFile) else { return [:] }
        return try entries(at: path)
    }

    /// Reads what a file sets, and makes sure that it says nothing that would be overlooked.
    ///
    /// The error names the file, the line, the key and what is allowed.
    static func entries(at path: String) throws(CommandFailure) -> [Setting: Given] {
        let role = "the configuration file"
        let text = try TextFile.read(path, as: role, most: maximumSize, else: .configuration)
        return try Self(path: path).entries(of: text)
    }

    private func entries(of text: String) throws(CommandFailure) -> [Setting: Given] {
        let document: YAMLNode?
        do throws(YAMLError) {
            document = try YAMLReader.document(in: text)
        } catch {
            throw CommandFailure(.configuration, path + error.description)
        }
        guard let document, document.scalar?.isNull != true, document.mapping?.members.isEmpty != true else {
            throw failure(nil, "sets nothing; write settings, such as `port: 8082`, or do not name the file")
        }
        guard let mapping = document.mapping else {
            throw failure(document.line, "must be a mapping of settings to values, such as `port: 8082`")
        }
        var entries: [Setting: Given] = [:]
        for member in mapping.members {
            let setting = try setting(named: member.key)
            let place = Place.file(path, line: member.key.line, key: setting.key)
            entries[setting] = Given(values: try values(of: member.value, for: setting, place), place: place)
        }
        return entries
    }

    private func setting(named key: YAMLScalar) throws(CommandFailure) -> Setting {
        let name = key.text
        if let setting = Setting(rawValue: name) { return setting }
        let known = Setting.allCases.map(\.key)
        let near = EditDistance.near(Self.bareName(name), among: known).map { "'\($0)'" }.joined(separator: " or ")
        let question = near.isEmpty ? "" : "; did you mean \(near)?"
        throw failure(
            key.line,
            "unknown key '\(name)'\(question)\(near.isEmpty ? ";" : "") the keys are \(known.joined(separator: ", "))"
        )
    }

    /// The key that a flag or a variable would have.
    private static func bareName(_ name: String) -> String {
        let bare = name.lowercased().split(separator: "_").joined(separator: "-")
        return String(bare.hasPrefix("wasm-server-") ? bare.dropFirst("wasm-server-".count) : bare.drop { $0 == "-" })
    }

    private func values(of node: YAMLNode, for setting: Setting, _ place: Place) throws(CommandFailure) -> [String] {
        let (isList, allowed) = (setting.declaration.isList, setting.declaration.allowed)
        switch node {
        case .scalar(let scalar) where scalar.isNull: return []
        case .scalar(let scalar) where !isList || scalar.text.allSatisfy(\.isWhitespace):
            return [try text(of: scalar, place)]
        case .sequence(let sequence) where isList || sequence.elements.isEmpty:
            return try sequence.elements.map { element throws(CommandFailure) in
                guard let scalar = element.scalar else {
                    throw failure(
                        element.line,
                        "'\(setting.key)' has an element that is not text, and must be \(allowed)"
                    )
                }
                return scalar.isNull ? "" : try text(of: scalar, place)
            }
        case .mapping(let mapping) where mapping.members.isEmpty: return []
        default:
            let example = isList ? "; write it as [one, another]" : ""
            throw CommandFailure(.configuration, "\(place.name) must be \(allowed)\(example)")
        }
    }

    private func text(of scalar: YAMLScalar, _ place: Place) throws(CommandFailure) -> String {
        if let tag = scalar.tag, tag != .str {
            throw CommandFailure(.configuration, "\(place.name) has the tag '\(tag.rawValue)'; leave it out")
        }
        guard !scalar.text.utf8.contains(0) else {
            throw CommandFailure(.configuration, "\(place.name) has a character U+0000 in it; take it out")
        }
        return scalar.text
    }

    private func failure(_ line: Int?, _ reason: String) -> CommandFailure {
        CommandFailure(.configuration, path + YAMLError(line: line, reason).description)
    }
}
