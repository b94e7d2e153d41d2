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

    /// Whether a number is one that readers can hold: they take numbers for binary64 (RFC 8259 §6).
    package static func isInRange(_ number: String) -> Bool {
        guard let value = Double(number), value.isFinite else { return false }
        let significand = number.prefix { $0 != "e" && $0 != "E" }
        return value != 0 || !significand.contains { ("1"..."9").contains($0) }
    }

    /// A number in it that is another one as binary64, as which Kubernetes and Istio keep it; nil if there is none.
    package var inexactNumber: String? {
        switch self {
        case .number(let text): Self.isExact(text) ? nil : text
        case .array(let elements): elements.lazy.compactMap(\.inexactNumber).first
        case .object(let members): members.lazy.compactMap(\.value.inexactNumber).first
        case .null, .bool, .string: nil
        }
    }

    /// Whether a number keeps its digits as binary64: 15 of them always do.
    private static func isExact(_ number: String) -> Bool {
        let significand = number.prefix { $0 != "e" && $0 != "E" }
        let digits = significand.filter(\.isNumber).drop { $0 == "0" }.reversed().drop { $0 == "0" }
        if digits.count <= 15 { return true }
        // More do in whole numbers up to 2^53.
        guard let whole = Int64(number) else { return false }
        return Int64(exactly: Double(whole)) == whole
    }

    /// Whether it is an object.
    package var isObject: Bool { if case .object = self { true } else { false } }

    /// The value as JSON, a line for each member and element.
    package var json: String { text(indent: "", isYAML: false) }

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
