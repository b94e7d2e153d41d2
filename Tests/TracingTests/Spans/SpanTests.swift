// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ServerInterface
import Testing

@testable import Tracing

/// Against OpenTelemetry's semantic conventions for HTTP spans ("HTTP server semantic conventions").
@Suite("A span")
struct SpanTests {
    @Test("says what was asked for, by whom, and what came of it")
    func attributes() throws {
        let exchange = Exchange.example(fields: [("user-agent", "Envoy/HTTP")], over: .http2)
        let span = try #require(Span.example(of: exchange, isSecure: true))
        #expect(
            span.attributes == [
                SpanAttribute("http.request.method", .text("GET")),
                SpanAttribute("url.path", .text("/plugin.wasm")),
                SpanAttribute("url.scheme", .text("https")),
                SpanAttribute("http.route", .text("/plugin.wasm")),
                SpanAttribute("http.response.status_code", .number(200)),
                SpanAttribute("http.response.body.size", .number(5)),
                SpanAttribute("network.protocol.name", .text("http")),
                SpanAttribute("network.protocol.version", .text("2")),
                SpanAttribute("client.address", .text("192.0.2.1")),
                SpanAttribute("server.port", .number(8082)),
                SpanAttribute("user_agent.original", .text("Envoy/HTTP")),
                SpanAttribute("wasm_server.module.sha256", .text(Digest.example.hexadecimal)),
            ]
        )
        #expect(!span.isError)
    }

    @Test("ends when the answer did, and began as long before as that took")
    func times() throws {
        let span = try #require(Span.example(of: .example()))
        #expect(span.end == 1_544_712_661_000_000_000)
        #expect(span.start == 1_544_712_659_500_000_000)
    }

    // "{method} {target}", with low cardinality: `http.route`, if there is one.
    @Test("is called by what is served, and by nothing that a client sent")
    func name() {
        func name(_ exchange: Exchange) -> String? { Span.example(of: exchange)?.name }
        let byDigest = RequestedResource(.digest, paths: ["/a.wasm", "/b.wasm"], digest: .example)
        #expect(name(.example(method: .head)) == "HEAD /plugin.wasm")
        #expect(name(.example(.ok, RequestedResource.example.asDigest)) == "GET /plugin.wasm.sha256")
        #expect(name(.example(.ok, byDigest, path: "/sha256/1.wasm")) == "GET /sha256/{digest}.wasm")
        #expect(name(.example(.ok, byDigest.asDigest)) == "GET /sha256/{digest}.wasm.sha256")
        #expect(name(.example(.notFound, .missing(.name), path: "/invented.wasm")) == "GET /{module}.wasm")
        #expect(name(.example(.notFound, .missing(.digest), path: "/sha256/0.wasm")) == "GET /sha256/{digest}.wasm")
        #expect(name(.example(.forbidden, nil, path: "/invented.wasm")) == "GET")
        let post = Exchange.example(.methodNotAllowed, nil, method: .other("POST"))
        #expect(name(post) == "POST")
    }

    // "If the HTTP request method is not known … it MUST set the `http.request.method` attribute to `_OTHER`."
    @Test("calls a method that nobody knows by no name of its own")
    func otherMethod() throws {
        let exchange = Exchange.example(.methodNotAllowed, nil, method: .other("INVENTED"))
        let span = try #require(Span.example(of: exchange))
        #expect(span.name == "HTTP")
        #expect(span["http.request.method"] == .text("_OTHER"))
        #expect(span["http.request.method_original"] == .text("INVENTED"))
    }

    // "Span Status … MUST be left unset if HTTP status code was in the 1xx, 2xx or 3xx ranges, unless there was another error";
    // for 4xx it "MUST be left unset in case of SpanKind.SERVER".
    @Test(
        "has failed if the server could not help, or the answer was cut",
        arguments: [
            (.ok, true, nil), (.notModified, true, nil), (.notFound, true, nil), (.forbidden, true, nil),
            (.serviceUnavailable, true, "503"), (.ok, false, "cut"), (.serviceUnavailable, false, "503"),
        ] as [(Status, Bool, String?)]
    )
    func errors(_ status: Status, _ isComplete: Bool, _ type: String?) throws {
        let span = try #require(Span.example(of: .example(status, isComplete: isComplete)))
        #expect(span.isError == (type != nil))
        #expect(span["error.type"] == type.map { .text($0) })
        #expect(span["http.response.status_code"] == .number(status.rawValue))
        #expect((span["http.response.body.size"] != nil) == isComplete)
    }

    @Test("says what a HEAD is sent, and that a peer has asked")
    func details() throws {
        #expect(Span.example(of: .example(method: .head))?["http.response.body.size"] == .number(0))
        #expect(Span.example(of: .example())?["wasm_server.from_peer"] == nil)
        let peer = Exchange.example(fields: [(PeerField.name, "1")])
        #expect(Span.example(of: peer)?["wasm_server.from_peer"] == .flag(true))
    }
}
