// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

/// A request as far as an answer can depend on it; its content, if any, is never read.
package final class Request: Sendable {
    /// What is asked for.
    package let method: Method
    /// The path as it was sent, percent-encoding and all, without the query.
    package let path: String
    /// What followed the first `?`; nil where there was none.
    package let query: String?
    /// The fields that an answer or a log line can depend on.
    package let fields: RequestFields

    /// About how many bytes it takes to hold it; its method is one that is answered here.
    package var byteCount: Int { path.utf8.count + (query?.utf8.count ?? 0) + fields.byteCount }

    /// A request from its parts.
    package init(method: Method, path: String, query: String? = nil, fields: RequestFields = RequestFields()) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// A request for a target.
    package convenience init(method: Method, target: RequestTarget, fields: RequestFields = RequestFields()) {
        self.init(method: method, path: target.path, query: target.query, fields: fields)
    }
}

/// What is kept of a request for metrics and logs until its answer has ended: a few hundred bytes, whatever the client sent.
package struct RequestExcerpt: Sendable {
    /// The request, if that is no more than is kept of it; otherwise one that was made of what is.
    private let request: Request

    /// The longest text that is kept of what a client sent, in bytes of UTF-8.
    private static let longest = 256

    /// What is kept of a request.
    package init(_ request: Request) {
        let isExcerpt =
            request.method.isRead && request.path.utf8.count <= Self.longest && request.query == nil
            && request.fields.areExcerpt(upTo: Self.longest)
        self.request = isExcerpt ? request : Self.excerpt(of: request)
    }

    /// Whether it says what another says, as far as clients are told apart by it, and what they ask for.
    package func isSame(as other: RequestExcerpt) -> Bool {
        request === other.request
            || (userAgent == other.userAgent && forwardedFor == other.forwardedFor && path == other.path)
    }

    /// What was asked for; of a token that nothing here has, its beginning.
    package var method: Method { request.method }
    /// The beginning of the path.
    package var path: String { request.path }
    /// Whether it had a field of this server's own, which says that it comes from another process of it.
    package var isOwn: Bool { request.fields.own != nil }
    /// The beginning of ``RequestFields/userAgent``.
    package var userAgent: String? { request.fields.userAgent }
    /// The beginning of ``RequestFields/forwardedFor``.
    package var forwardedFor: String? { request.fields.forwardedFor }
    /// The beginning of ``RequestFields/requestID``.
    package var requestID: String? { request.fields.requestID }
    /// The beginning of ``RequestFields/traceparent``.
    package var traceparent: String? { request.fields.traceparent }

    private static func excerpt(of request: Request) -> Request {
        let method: Method =
            if case .other(let token) = request.method { .other(beginning(of: token)) } else { request.method }
        return Request(
            method: method,
            path: beginning(of: request.path),
            fields: request.fields.excerpt(beginning, end)
        )
    }

    /// As many of the last elements of a list as are kept, each whole: who adds one adds it at the end (`X-Forwarded-For`).
    private static func end(of list: String) -> String {
        let bytes = list.utf8
        guard bytes.count > longest else { return list }
        // One byte more, so that a comma before what is kept is seen.
        let kept = bytes.suffix(longest + 1)
        guard let comma = kept.firstIndex(of: UInt8(ascii: ",")) else { return "" }
        return String(list[list.index(after: comma)...])
    }

    /// As much of a text as is kept, in memory of its own if that is not all; no Unicode scalar is cut.
    private static func beginning(of text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > longest else { return text }
        return String(text[..<bytes.index(bytes.startIndex, offsetBy: longest)])
    }
}
