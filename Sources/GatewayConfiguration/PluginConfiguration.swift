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

    /// A name and a value.
    package struct Member: Hashable, Sendable {
        let name: String
        let value: PluginConfiguration

        /// A member of an object.
        package init(_ name: String, _ value: PluginConfiguration) {
            (self.name, self.value) = (name, value)
        }
    }

    /// Whether it is an object.
    package var isObject: Bool { if case .object = self { true } else { false } }

    /// The value as JSON, a line for each member and element; it is YAML too.
    var json: String { json(indent: "") }

    private func json(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .number(let text): return text
        case .string(let text): return text.quoted
        case .array(let elements):
            return Self.list("[", elements.map { $0.json(indent: inner) }, "]", indent: indent)
        case .object(let members):
            return Self.list(
                "{",
                members.map { "\($0.name.quoted): \($0.value.json(indent: inner))" },
                "}",
                indent: indent
            )
        }
    }

    private static func list(_ open: String, _ items: [String], _ close: String, indent: String) -> String {
        guard !items.isEmpty else { return open + close }
        return "\(open)\n\(items.map { "\(indent)  \($0)" }.joined(separator: ",\n"))\n\(indent)\(close)"
    }
}
