// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a request asks for, taken apart (RFC 9112 §3.2).
///
/// | target | path | authority |
/// |-|-|-|
/// | origin-form: `/plugin.wasm?x` | `/plugin.wasm` | |
/// | absolute-form: `http://a:80/plugin.wasm?x` | `/plugin.wasm`, or `/` where there is none | `a:80` |
/// | anything else | as it is | |
package struct RequestTarget: Hashable, Sendable {
    /// The path as it was sent, percent-encoding and all.
    package let path: String
    /// What follows the first `?`; nil where there is none.
    package let query: String?
    /// The target's scheme in lowercase; nil if it is not in absolute-form.
    package let scheme: String?
    /// Whom the target names; nil if it is not in absolute-form.
    package let authority: String?

    /// Parses a target of HTTP/1.x.
    package init(_ text: String) {
        // Bytes, not characters: to Swift a slash and a combining mark are one character, which is no slash.
        let bytes = text.utf8
        guard bytes.first != UInt8(ascii: "/"), let start = Self.endOfScheme(bytes) else {
            self.init(originForm: text)
            return
        }
        let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.endIndex
        let rest = String(text[end...])
        let hasPath = rest.utf8.first == UInt8(ascii: "/")
        let scheme = text.prefix { $0 != ":" }.lowercased()
        self.init(originForm: hasPath ? rest : "/\(rest)", scheme: scheme, authority: String(text[start..<end]))
    }

    /// Parses a `:path` of HTTP/2 (RFC 9113 §8.3.1), or a target that begins with a path.
    package init(originForm text: String) {
        self.init(originForm: text, scheme: nil, authority: nil)
    }

    private init(originForm text: String, scheme: String?, authority: String?) {
        self.scheme = scheme
        self.authority = authority
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            path = text
            query = nil
            return
        }
        path = String(text[..<mark])
        query = String(text[text.utf8.index(after: mark)...])
    }

    /// Where the authority begins: behind a scheme (RFC 3986 §3.1), a colon and two slashes.
    private static func endOfScheme(_ bytes: String.UTF8View) -> String.Index? {
        let rest = bytes.drop { $0.isAlphanumeric || "+-.".utf8.contains($0) }
        guard rest.startIndex != bytes.startIndex, rest.starts(with: "://".utf8) else { return nil }
        return rest.dropFirst(3).startIndex
    }
}
