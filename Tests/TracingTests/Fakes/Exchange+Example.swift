// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ServerInterface
import TestSupport

@testable import Tracing

extension RequestedResource {
    static let example = RequestedResource(.name, paths: ["/plugin.wasm"], digest: .example)
}

extension Digest {
    static let example = Digest(of: Array("example".utf8))
}

extension Exchange {
    /// A fetch of `/plugin.wasm`, or something that is like it.
    static func example(
        _ status: Status = .ok,
        _ resource: RequestedResource? = .example,
        method: HTTPSemantics.Method = .get,
        path: String = "/plugin.wasm",
        fields: [(String, String)] = [],
        over version: ProtocolVersion = .http11,
        isComplete: Bool = true
    ) -> Exchange {
        var own = RequestFields()
        for (name, value) in fields { own.add(name: name, value: value, reading: FieldSelection(own: PeerField.names)) }
        let body = Response.Body.bytes(SharedBytes(Array("bytes".utf8)))
        return Exchange(
            request: RequestExcerpt(Request(method: method, path: path, fields: own)),
            response: Response(head: ResponseHead(status, []), body: body, resource: resource),
            version: version,
            client: .example,
            isComplete: isComplete,
            duration: .milliseconds(1500)
        )
    }

    /// The same, by its `traceparent`.
    static func example(traceparent: String) -> Exchange { example(fields: [("traceparent", traceparent)]) }
}

extension Span {
    /// The span of an exchange; nil if it becomes none.
    static func example(of exchange: Exchange, isSecure: Bool = false) -> Span? {
        var generator = SystemRandomNumberGenerator()
        let port = TracedPort(isSecure: isSecure, number: 8082)
        return TracedExchange(exchange, at: port, end: 1_544_712_661_000_000_000).map { Span($0, using: &generator) }
    }

    /// What it says by a name; nil if that is nothing.
    subscript(_ name: String) -> SpanAttribute.Value? { attributes.first { $0.name == name }?.value }
}
