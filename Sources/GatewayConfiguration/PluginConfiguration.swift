// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a plugin is configured by: a value of JSON (RFC 8259).
package indirect enum PluginConfiguration: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number, as it was written.
    case number(String)
    case string(String)
    case array([PluginConfiguration])
    /// The members, in the order in which they were written.
    case object([Member])

    /// The most levels of arrays and objects that are read: more than anyone writes, and few enough for every stack.
    package static let deepest = 100

    /// A name and a value.
    package struct Member: Hashable, Sendable {
        let name: String
        let value: PluginConfiguration

        /// A member of an object.
        package init(_ name: String, _ value: PluginConfiguration) {
            (self.name, self.value) = (name, value)
        }
    }

    /// Reads a text of JSON.
    ///
    /// - Throws: ``JSONError`` with the place and the reason.
    package init(json text: String) throws(JSONError) {
        var reader = JSONReader(text)
        self = try reader.document()
    }

    /// Whether it is an object.
    package var isObject: Bool { if case .object = self { true } else { false } }

    /// The value as JSON, a line for each member and element.
    var json: String { text(indent: "", isYAML: false) }

    /// The value as YAML.
    ///
    /// It is the same as JSON, but that a name may be longer than YAML takes in front of a mere colon.
    var yaml: String { text(indent: "", isYAML: true) }

    /// How many characters a name may have that has no `?` in front of it (YAML 1.2.2 §7.4.2, and every parser).
    private static let longestImplicitKey = 1024

    private func text(indent: String, isYAML: Bool) -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .number(let text): return text
        case .string(let text): return text.quoted
        case .array(let elements):
            return Self.list("[", elements.map { $0.text(indent: inner, isYAML: isYAML) }, "]", indent: indent)
        case .object(let members):
            let items = members.map { member in
                let name = member.name.quoted
                let isExplicit = isYAML && name.unicodeScalars.count > Self.longestImplicitKey
                return "\(isExplicit ? "? " : "")\(name): \(member.value.text(indent: inner, isYAML: isYAML))"
            }
            return Self.list("{", items, "}", indent: indent)
        }
    }

    private static func list(_ open: String, _ items: [String], _ close: String, indent: String) -> String {
        guard !items.isEmpty else { return open + close }
        return "\(open)\n\(items.map { "\(indent)  \($0)" }.joined(separator: ",\n"))\n\(indent)\(close)"
    }
}
