// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

@Suite("A request target")
struct RequestTargetTests {
    @Test(
        "has a path and a query, and in absolute-form an authority (RFC 9112 §3.2)",
        arguments: [
            ("/plugin.wasm", "/plugin.wasm", nil, nil),
            ("/plugin.wasm?x=1?y", "/plugin.wasm", "x=1?y", nil),
            ("/plugin.wasm?", "/plugin.wasm", "", nil),
            ("/a://b", "/a://b", nil, nil),
            ("/?http://example.org/", "/", "http://example.org/", nil),
            ("http://example.org/plugin.wasm?x", "/plugin.wasm", "x", "example.org"),
            ("HTTP://example.org:8082/a?b/c", "/a", "b/c", "example.org:8082"),
            ("https://example.org", "/", nil, "example.org"),
            ("http://example.org?x", "/", "x", "example.org"),
            ("http://[2001:db8::1]:80/a", "/a", nil, "[2001:db8::1]:80"),
            ("http:///plugin.wasm", "/plugin.wasm", nil, ""),
            ("http://", "/", nil, ""),
            // Neither form: no scheme has such characters (RFC 3986 §3.1).
            ("*", "*", nil, nil),
            ("plugin.wasm", "plugin.wasm", nil, nil),
            ("a?u=http://example.org/b", "a", "u=http://example.org/b", nil),
            ("://example.org/b", "://example.org/b", nil, nil),
            ("example.org:8082", "example.org:8082", nil, nil),
            // A combining mark makes one character with the slash before it, to Swift, and not to HTTP.
            ("/\u{301}://b/plugin.wasm", "/\u{301}://b/plugin.wasm", nil, nil),
            ("http://example.org/\u{301}.wasm", "/\u{301}.wasm", nil, "example.org"),
        ] as [(String, String, String?, String?)]
    )
    func parts(_ text: String, _ path: String, _ query: String?, _ authority: String?) {
        let target = RequestTarget(text)
        #expect(target.path == path)
        #expect(target.query == query)
        #expect(target.authority == authority)
    }

    @Test("of HTTP/2 is never in absolute-form (RFC 9113 §8.3.1)")
    func http2() {
        let target = RequestTarget(originForm: "http://example.org/plugin.wasm?x")
        #expect(target.path == "http://example.org/plugin.wasm")
        #expect(target.query == "x")
        #expect(target.authority == nil)
    }
}
