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
        var rest = Substring(target)
        if !target.hasPrefix("/"), let scheme = rest.firstRange(ofSeparator: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex { $0 == "/" || $0 == "?" }.map { rest[$0...] } ?? ""
            if !rest.hasPrefix("/") { rest = "/" + rest }
        }
        guard let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (String(rest), nil) }
        return (String(rest[..<mark]), String(rest[rest.index(after: mark)...]))
    }
}

extension Substring {
    fileprivate func firstRange(ofSeparator separator: String) -> Range<Index>? {
        indices.lazy.filter { self[$0...].hasPrefix(separator) }.first.map {
            $0..<self.index($0, offsetBy: separator.count)
        }
    }
}
