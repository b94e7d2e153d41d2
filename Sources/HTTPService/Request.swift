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
