// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A request as far as an answer can depend on it; its content, if any, is never read.
package struct Request: Sendable {
    /// What is asked for.
    package var method: Method
    /// The path as it was sent, percent-encoding and all, without the query.
    package var path: String
    /// What followed the first `?`; nil where there was none.
    package var query: String?
    /// The fields that an answer or a log line can depend on.
    package var fields: RequestFields

    /// A request from its parts.
    package init(method: Method, path: String, query: String? = nil, fields: RequestFields = RequestFields()) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// A request for a target in origin-form or absolute-form; of the latter only the path counts (RFC 9112 §3.2).
    package init(method: Method, target: String, fields: RequestFields = RequestFields()) {
        let (path, query) = Self.split(target)
        self.init(method: method, path: path, query: query, fields: fields)
    }

    private static func split(_ target: String) -> (path: String, query: String?) {
        // Scalars, not characters: to Swift a slash and a combining mark are one character, which is no slash.
        var rest = Substring(target).unicodeScalars
        if rest.first != "/", let authority = rest.suffix(after: "://") {
            rest = authority.drop { $0 != "/" && $0 != "?" }
            if rest.first != "/" { rest = Substring("/" + String(rest)).unicodeScalars }
        }
        guard let mark = rest.firstIndex(of: "?") else { return (String(rest), nil) }
        return (String(rest[..<mark]), String(rest[rest.index(after: mark)...]))
    }
}

extension Substring.UnicodeScalarView {
    /// What follows the first occurrence of a text.
    fileprivate func suffix(after text: String) -> SubSequence? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.starts(with: text.unicodeScalars) { return rest.dropFirst(text.unicodeScalars.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
