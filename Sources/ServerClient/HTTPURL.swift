// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A URL of `http` or `https`, taken apart (RFC 3986 §3).
package struct HTTPURL: Sendable {
    /// What a person can do about a URL that cannot be used.
    package struct Remedies: Sendable {
        /// How such a URL is written.
        let example: String
        /// What to do instead of naming a user in it.
        let withoutUser: String

        /// Remedies in words.
        package init(example: String, withoutUser: String) {
            (self.example, self.withoutUser) = (example, withoutUser)
        }
    }

    /// Whether it is one of `https`.
    package let isSecure: Bool
    /// The host, and the port if one is named.
    package let name: ServerName
    /// What follows: a path, a query, a fragment.
    package let rest: String

    /// The URL that a text spells; nobody may be named in it.
    ///
    /// - Throws: ``ServerNameError`` with the reason and the remedy.
    package init(_ text: String, remedies: Remedies) throws(ServerNameError) {
        let failure = { (reason: String) in
            ServerNameError(text: Self.withoutSecrets(text), reason: reason, remedy: remedies.example)
        }
        let lowercase = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercase.utf8.starts(with: $0.utf8) }) else {
            throw failure(text.contains("://") ? "has a scheme that is neither http nor https" : "has no scheme")
        }
        isSecure = scheme == "https://"
        // Bytes, not characters: to Swift a slash and a combining mark are one character.
        let bytes = text.utf8.dropFirst(scheme.utf8.count)
        let end = bytes.firstIndex { "/?#".utf8.contains($0) } ?? bytes.endIndex
        let authority = String(decoding: bytes[..<end], as: UTF8.self)
        rest = String(decoding: bytes[end...], as: UTF8.self)
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            // What stands before it may be a password, which is not repeated.
            throw ServerNameError(
                text: "\(scheme)…\(authority[at...])\(rest)",
                reason: "has a user's name in it",
                remedy: remedies.withoutUser
            )
        }
        do throws(ServerNameError) {
            name = try ServerName(authority)
        } catch {
            throw failure(error.reason)
        }
    }

    /// A text without what may be a password or a token in it: what stands before an `@`, and what follows a `?`.
    package static func withoutSecrets(_ text: String) -> String {
        let bytes = text.utf8
        let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let shown = bytes[..<end]
        let start = shown.lastIndex(of: UInt8(ascii: "@")) ?? shown.startIndex
        let prefix = start == shown.startIndex ? "" : "…"
        return prefix + String(decoding: shown[start...], as: UTF8.self) + (end == bytes.endIndex ? "" : "?…")
    }
}
