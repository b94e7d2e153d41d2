// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

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
    package init(method: Method, target: RequestTarget, fields: RequestFields = RequestFields()) {
        self.init(method: method, path: target.path, query: target.query, fields: fields)
    }
}

/// What is kept of a request for metrics and logs until its answer has ended: a few hundred bytes, whatever the client sent.
package struct RequestExcerpt: Sendable {
    /// What was asked for; of a token that nothing here has, its beginning.
    package let method: Method
    /// The beginning of the path.
    package let path: String
    /// Whether it had a field of this server's own, which says that it comes from another process of it.
    package let isOwn: Bool
    /// The beginning of ``RequestFields/userAgent``.
    package let userAgent: String?
    /// The beginning of ``RequestFields/forwardedFor``.
    package let forwardedFor: String?
    /// The beginning of ``RequestFields/requestID``.
    package let requestID: String?
    /// The beginning of ``RequestFields/traceparent``.
    package let traceparent: String?

    /// The longest text that is kept of what a client sent, in bytes of UTF-8.
    private static let longest = 256

    /// What is kept of a request.
    package init(_ request: borrowing Request) {
        if case .other(let token) = request.method {
            method = .other(Self.beginning(of: token))
        } else {
            method = request.method
        }
        path = Self.beginning(of: request.path)
        isOwn = request.fields.own != nil
        userAgent = request.fields.userAgent.map(Self.beginning)
        forwardedFor = request.fields.forwardedFor.map(Self.beginning)
        requestID = request.fields.requestID.map(Self.beginning)
        traceparent = request.fields.traceparent.map(Self.beginning)
    }

    /// As much of a text as is kept, in memory of its own if that is not all; no Unicode scalar is cut.
    private static func beginning(of text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > longest else { return text }
        return String(text[..<bytes.index(bytes.startIndex, offsetBy: longest)])
    }
}
