// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Testing

@testable import HTTPProtocol

@Suite("What is told of a head that is refused")
struct HTTP1ExcerptTests {
    @Test(
        "is its method and its path, as far as they were sent",
        arguments: [
            ("GET /plugin.wasm HTTP/1.1\r\nBad Field: x\r\n", "GET", "/plugin.wasm"),
            ("\r\n\r\nGET /plugin.wasm HTTP/1.1\r\n", "GET", "/plugin.wasm"),
            ("GET /my plugin.wasm HTTP/1.1\r\n", "GET", "/my plugin.wasm"),
            ("GET /plugin.wasm\r\n", "GET", "/plugin.wasm"),
            ("GET /plugin.wasm HTTP/1.1\nHost: a\n", "GET", "/plugin.wasm"),
            ("DELETE /plugin.wa", "DELETE", "/plugin.wa"),
            ("GET /plugin.wasm?token=a HTTP/2.0\r\n", "GET", "/plugin.wasm"),
            ("GET http://a/plugin.wasm HTTP/1.1\r\n", "GET", "/plugin.wasm"),
            ("GET /plugin.wasm HTTP/1.1 HTTP/1.1\r\n", "GET", "/plugin.wasm HTTP/1.1"),
        ]
    )
    func path(_ head: String, _ method: String, _ path: String) throws {
        let request = try #require(excerpt(head))
        #expect(request.method.token == method)
        #expect(request.path == path)
    }

    @Test(
        "is nothing where there is no request",
        arguments: ["", "\r\n", "GET", "GET ", "\u{16}\u{3}\u{1}", " /a", "G\0T /a"]
    )
    func none(_ head: String) {
        #expect(excerpt(head)?.path == nil)
    }

    @Test("is who sent it, in the fields that are complete")
    func fields() throws {
        let head = """
            GET /a.wasm HTTP/1.1\r\nUser-Agent:  curl/8.5.0\r\nno field\r\nX-Forwarded-For: 192.0.2.1\r\nX-Request-
            """
        let request = try #require(excerpt(head))
        #expect(request.fields.userAgent == "curl/8.5.0")
        #expect(request.fields.forwardedFor == "192.0.2.1")
        #expect(request.fields.requestID == nil)
    }

    private func excerpt(_ head: String) -> Request? { HTTP1Excerpt.request(in: Array(head.utf8).span) }
}
