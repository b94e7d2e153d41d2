// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials

/// What a server is asked.
package struct FetchRequest: Sendable {
    /// How it is asked.
    package enum Version: Hashable, Sendable {
        /// HTTP/1.1.
        case http1
        /// HTTP/2: by prior knowledge without TLS, by ALPN with it.
        case http2
    }

    /// The method.
    package var method: String
    /// The path, percent-encoded, with its query.
    package var path: String
    /// Fields besides `Host`, with names in lowercase.
    package var fields: [(name: String, value: String)]
    /// What the `Host` field says; nil for the origin's own.
    package var authority: String?
    /// The version of HTTP.
    package var version: Version
    /// Which client's TLS is offered.
    package var client: TLSClient
    /// The longest content that is taken, in bytes.
    package var limit: Int

    /// A request from its parts.
    package init(
        _ path: String,
        method: String = "GET",
        fields: [(name: String, value: String)] = [],
        authority: String? = nil,
        over version: Version = .http1,
        as client: TLSClient = .anyone,
        limit: Int
    ) {
        (self.method, self.path, self.fields) = (method, path, fields)
        (self.authority, self.version, self.client, self.limit) = (authority, version, client, limit)
    }
}

/// What a server answers.
package struct FetchedResponse: Sendable {
    /// The status code.
    package let status: Int
    /// The fields, with names in lowercase.
    package let fields: [(name: String, value: String)]
    /// The content, as it was received.
    package let body: [UInt8]

    /// The value of a field; several are joined by commas, none is nil (RFC 9110 §5.3).
    package subscript(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}
