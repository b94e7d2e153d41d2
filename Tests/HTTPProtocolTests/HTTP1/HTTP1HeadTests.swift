// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Testing

@testable import HTTPProtocol

/// What RFC 9112 lets a server take for a request's head.
@Suite("An HTTP/1.1 head")
struct HTTP1HeadTests {
    @Test("is read whole")
    func whole() throws {
        let head = try #require(
            try parse("GET /plugin.wasm?x=1 HTTP/1.1\r\nHost: a:80\r\nX-Forwarded-For:\t192.0.2.1 \r\nEmpty:\r\n\r\n")
        )
        #expect(head.request.method == .get)
        #expect(head.request.path == "/plugin.wasm")
        #expect(head.request.query == "x=1")
        #expect(head.request.fields.forwardedFor == "192.0.2.1")
        #expect(head.version == .http11)
        #expect(head.keepsAlive)
        #expect(!head.hasContent)
    }

    @Test(
        "asks whom the target names, else whom Host names (RFC 9112 §3.2.2, §3.3)",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", "a:80"), ("GET / HTTP/1.1\r\nHost:\r\n\r\n", ""),
            ("GET / HTTP/1.0\r\n\r\n", nil), ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "b"),
            ("GET http://b:81?x HTTP/1.1\r\nHost:\r\n\r\n", "b:81"), ("GET http://b/ HTTP/1.0\r\n\r\n", "b"),
            ("GET HTTPS://[::1]:81 HTTP/1.1\r\nHost: a\r\n\r\n", "[::1]:81"),
            // What a registered name may have (RFC 3986 §3.2.2).
            ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "a,b"), ("GET / HTTP/1.1\r\nHost: a;b=c\r\n\r\n", "a;b=c"),
            ("GET / HTTP/1.1\r\nHost: (a)!$&'*+~%C3%A9\r\n\r\n", "(a)!$&'*+~%C3%A9"),
        ] as [(String, String?)]
    )
    func authority(_ text: String, _ expected: String?) throws {
        let head = try #require(try parse(text))
        #expect(head.request.fields.authority == expected)
    }

    @Test("is found however its bytes are cut, and not before it is complete")
    func cuts() throws {
        let bytes = Array("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET".utf8)
        let end = bytes.count - 3
        for cut in 0..<end {
            var scanner = HTTP1HeadScanner(limits: HeadLimits())
            #expect(try scanner.end(in: Array(bytes[..<cut]).span) == nil)
            #expect(try scanner.end(in: bytes.span) == end)
        }
    }

    @Test(
        "at or beyond a limit is judged alike however its bytes are cut",
        arguments: [
            // A line's limit does not count its end; here it is 20 for the request line and for a field, 60 for the head.
            ("GET /aaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", nil),
            ("GET /aaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", .uriTooLong),
            ("GET /aaaaaaaaaaaaaaaaaaaaaaaa\n", .uriTooLong),
            ("GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaa\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaa\r\n\r\n", .requestHeaderFieldsTooLarge),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: aaaaaaaaaaaa\r\nB: aaaaaaaaaaa\r\n\r\n", nil),
            ("GET / HTTP/1.1\r\nHost: a\r\nA: aaaaaaaaaaaa\r\nB: aaaaaaaaaaaa\r\n\r\n", .requestHeaderFieldsTooLarge),
        ] as [(String, Status?)]
    )
    func cutsAtLimits(_ text: String, _ status: Status?) {
        var limits = HeadLimits()
        limits.requestLine = 20
        limits.fieldLine = 20
        limits.block = 60
        let bytes = Array(text.utf8)
        for cut in bytes.indices {
            var scanner = HTTP1HeadScanner(limits: limits)
            do throws(HTTP1HeadError) {
                var end = try scanner.end(in: Array(bytes[..<cut]).span)
                if end == nil { end = try scanner.end(in: bytes.span) }
                #expect(end == bytes.count && status == nil, "cut after \(cut) bytes")
            } catch {
                #expect(error.status == status, "cut after \(cut) bytes")
            }
        }
    }

    @Test(
        "says whether the connection may go on (RFC 9112 §9.3)",
        arguments: [
            ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
            ("HTTP/1.1", "Connection: keep-alive, Close\r\n", false), ("HTTP/1.1", "Connection: closed\r\n", true),
            ("HTTP/1.1", "Connection: clo se\r\n", true), ("HTTP/1.1", "Connection: ,\t, close ,\r\n", false),
            ("HTTP/1.1", "Connection: ,\r\n", true), ("HTTP/1.1", "Connection:\r\n", true),
            ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true), ("HTTP/1.2", "", true),
        ]
    )
    func keepAlive(_ version: String, _ fields: String, _ expected: Bool) throws {
        #expect(try parse("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")?.keepsAlive == expected)
    }

    @Test(
        "says whether content follows (RFC 9112 §6.3)",
        arguments: [
            ("", false), ("Content-Length: 0\r\n", false), ("Content-Length: 7\r\n", true),
            ("Transfer-Encoding: Chunked\r\n", true),
        ]
    )
    func content(_ fields: String, _ expected: Bool) throws {
        #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")?.hasContent == expected)
    }

    @Test(
        "that can be read in two ways, or in none, is refused with 400",
        arguments: [
            // The request line (§3).
            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
            "GET / http/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/11\r\nHost: a\r\n\r\n",
            " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "G{}T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
            // Ends of lines (§2.2).
            "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
            // Host (§3.2).
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: %zz\r\n\r\n", "GET / HTTP/1.1\r\nHost: [x]\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n",
            "GET http://h:99999999/a.wasm HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET http://[::1/a.wasm HTTP/1.1\r\nHost: h\r\n\r\n", "GET http://%/ HTTP/1.1\r\nHost: h\r\n\r\n",
            // A target without a host, or with more than one (§3.2.2; RFC 9110 §4.2.1, §4.2.4).
            "GET http:///plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n", "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://?x HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a#b/ HTTP/1.1\r\nHost: a\r\n\r\n",
            // Host has to be right all the same (§3.2).
            "GET http://a/ HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n",
            // Field lines (§5): white space before the colon, folded lines, control characters.
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \u{1}\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
            // Lengths (§6.1, §6.3).
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            // Not HTTP at all.
            "\u{16}\u{3}\u{1}", "\u{0}", "\n",
        ]
    )
    func malformed(_ text: String) throws {
        let error = try #require(throws: HTTP1HeadError.self) { try parse(text) }
        #expect(error.status == .badRequest)
        #expect(!error.detail.isEmpty)
    }

    // RFC 9110 §7.4: an origin server rejects what it is not the origin of; §15.5.20: 421.
    @Test("whose target is of another scheme than HTTP's is refused with 421", arguments: ["ftp", "ws", "httpx"])
    func otherScheme(_ scheme: String) throws {
        let error = try #require(throws: HTTP1HeadError.self) {
            try parse("GET \(scheme)://h/a.wasm HTTP/1.1\r\nHost: h\r\n\r\n")
        }
        #expect(error.status == .misdirectedRequest)
        #expect(error.status.rawValue == 421)
    }

    @Test("of another major version is refused with 505")
    func version() throws {
        let error = try #require(throws: HTTP1HeadError.self) { try parse("GET / HTTP/2.0\r\nHost: a\r\n\r\n") }
        #expect(error.status == .httpVersionNotSupported)
    }

    @Test(
        "beyond a limit is refused, complete or not",
        arguments: [
            ("GET /" + String(repeating: "a", count: 8 << 10), Status.uriTooLong),
            ("GET /" + String(repeating: "a", count: 8 << 10) + " HTTP/1.1\r\nHost: a\r\n\r\n", .uriTooLong),
            ("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 8 << 10), .requestHeaderFieldsTooLarge),
            (
                "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 8 << 10) + "\r\n\r\n",
                .requestHeaderFieldsTooLarge
            ),
            ("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 65), .requestHeaderFieldsTooLarge),
            (
                "GET / HTTP/1.1\r\n" + String(repeating: "X: \(String(repeating: "a", count: 4096))\r\n", count: 8),
                .requestHeaderFieldsTooLarge
            ),
            (String(repeating: "\r\n", count: 17 << 10), .requestHeaderFieldsTooLarge),
        ]
    )
    func limits(_ text: String, _ status: Status) throws {
        let error = try #require(throws: HTTP1HeadError.self) { try parse(text) }
        #expect(error.status == status)
    }

    @Test("may have 64 fields")
    func fieldCount() throws {
        let fields = String(repeating: "X: y\r\n", count: 63)
        #expect(try parse("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n") != nil)
    }

    /// The head that a text begins with; nil if it is incomplete.
    private func parse(_ text: String) throws(HTTP1HeadError) -> HTTP1Head? {
        let bytes = Array(text.utf8)
        var scanner = HTTP1HeadScanner(limits: HeadLimits())
        guard let end = try scanner.end(in: bytes.span) else { return nil }
        return try HTTP1HeadParser.parse(bytes.span.extracting(..<end))
    }
}
