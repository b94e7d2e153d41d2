// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials
package import NIOCore
internal import NIOHTTP1

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
    /// The content, whose length the request names besides its fields; nil for none.
    package var content: [UInt8]?
    /// What the `Host` field says; nil for the origin's own.
    package var authority: String?
    /// The version of HTTP.
    package var version: Version
    /// Which client's TLS is offered.
    package var client: TLSClient
    /// The longest content that is taken, in bytes.
    package var limit: Int
    /// How much head is taken of an answer over HTTP/1.1.
    package var headLimits: HeadLimits

    /// How much head is taken of an answer.
    package enum HeadLimits: Sendable {
        /// What SwiftNIO takes: 256 fields of 80 KiB.
        case usual
        /// Ten times what a server of our own sends: 64 fields of 8 KiB, and 32 KiB in all.
        case tight

        var decoderLimits: NIOHTTPDecoderLimitConfiguration {
            var limits = NIOHTTPDecoderLimitConfiguration()
            guard self == .tight else { return limits }
            limits.maxHeaderFieldSize = 8 << 10
            limits.maxHeaderListSize = 32 << 10
            limits.maxHeaderFieldCount = 64
            return limits
        }
    }

    /// A request from its parts.
    package init(
        _ path: String,
        method: String = "GET",
        fields: [(name: String, value: String)] = [],
        content: [UInt8]? = nil,
        authority: String? = nil,
        over version: Version = .http1,
        as client: TLSClient = .anyone,
        limit: Int,
        headLimits: HeadLimits = .usual
    ) {
        (self.method, self.path, self.fields, self.content) = (method, path, fields, content)
        (self.authority, self.version, self.client) = (authority, version, client)
        (self.limit, self.headLimits) = (limit, headLimits)
    }

    /// The same, with a product in front of its `User-Agent`, and otherwise as it is.
    func naming(_ product: String) -> FetchRequest {
        let name = "user-agent"
        var request = self
        if let index = fields.firstIndex(where: { $0.name == name }) {
            request.fields[index].value = "\(product) \(fields[index].value)"
        } else {
            request.fields.append((name, product))
        }
        return request
    }
}

extension FetchRequest {
    /// The fields as they are sent: those of the request, and the length of its content (RFC 9110 §8.6).
    var allFields: [(name: String, value: String)] {
        fields + (content.map { [(name: "content-length", value: "\($0.count)")] } ?? [])
    }
}

/// Who is asked: one address of a server.
package struct FetchDestination: Sendable {
    /// Where it is.
    let address: SocketAddress
    /// Its host and port, as requests name them (RFC 9110 §7.2).
    let authority: String
    /// How the connection is encrypted; nil if it is not.
    let security: ClientSecurity?

    /// A destination from its parts.
    package init(_ address: SocketAddress, authority: String, security: ClientSecurity?) {
        (self.address, self.authority, self.security) = (address, authority, security)
    }
}
