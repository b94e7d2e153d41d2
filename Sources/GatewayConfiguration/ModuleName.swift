// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a module is called, and what configuration is called that is about it.
package struct ModuleName: Sendable {
    /// The name that its path tells.
    package let text: String
    /// The version that its path tells; nil if there is none.
    package let version: String?
    /// Where its server has it by name, percent-encoded: no other module is there.
    package let path: String

    /// The longest part of a label that is made of the name; with what is added, a label has at most 63 characters.
    private static let longest = 40

    /// A name, and the path that tells it.
    package init(_ text: String, version: String? = nil, path: String) {
        (self.text, self.version, self.path) = (text, version, path)
    }

    /// What configuration of this module is called: a DNS label (RFC 1123 §2.1), and another one for each path.
    ///
    /// That is the name, where the path is nothing but a label and `.wasm`. Otherwise it is what a label can have of the name and
    /// the version, and the beginning of the path's digest, which tells `a/b.wasm` from `a-b.wasm`.
    var label: String {
        let label = Self.label(of: version.map { "\(text)-\($0)" } ?? text)
        if let label, path == "/\(label).wasm" { return label }
        return "\(label ?? "plugin")-\(Digest(of: Array(path.utf8)).hexadecimal.prefix(8))"
    }

    /// The nearest label; nil if nothing is left.
    private static func label(of text: String) -> String? {
        var label = ""
        for character in text.lowercased().unicodeScalars {
            let isAllowed = ("a"..."z").contains(character) || ("0"..."9").contains(character)
            if isAllowed { label.unicodeScalars.append(character) } else if label.last != "-" { label += "-" }
        }
        let start = label.drop { $0 == "-" }.prefix(longest)
        return start.lastIndex { $0 != "-" }.map { String(start[...$0]) }
    }
}
