// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Testing

@testable import HTTPProtocol

@Suite("The head that was read last")
struct RecentHeadTests {
    private static let head = "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n"

    /// One that has read a head.
    private static func recentHead(_ text: String = head) throws -> RecentHead {
        let recentHead = RecentHead()
        let bytes = Array(text.utf8)
        recentHead.keep(try HTTP1HeadParser.parse(bytes.span), of: bytes.span)
        return recentHead
    }

    @Test("is known again, whatever follows it", arguments: ["", "G", "GET /b HTTP/1.1\r\nHost: b\r\n\r\n", head])
    func known(_ rest: String) throws {
        let found = try #require(try Self.recentHead().head(at: Array((Self.head + rest).utf8).span))
        #expect(found.length == Self.head.utf8.count)
        #expect(found.head.request.path == "/a")
        #expect(found.head.request.fields.authority == "a")
        #expect(found.head.request.fields.userAgent == "b")
    }

    // RFC 9110 §4.2.3, §9.1: paths and methods are case-sensitive; RFC 9112 §6: a field more can mean content.
    @Test(
        "is not taken for another",
        arguments: [
            "", "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n", "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r",
            "GET /A HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n",
            "Get /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n",
            "GET /a HTTP/1.0\r\nHost: a\r\nUser-Agent: b\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: c\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nContent-Length: 1\r\n\r\n",
            "\r\nGET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n",
        ]
    )
    func other(_ text: String) throws {
        #expect(try Self.recentHead().head(at: Array(text.utf8).span) == nil)
    }

    @Test("is the last one, unless that is long")
    func last() throws {
        let recentHead = try Self.recentHead()
        let long = Array("GET /\(String(repeating: "l", count: 600)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        recentHead.keep(try HTTP1HeadParser.parse(long.span), of: long.span)
        #expect(recentHead.head(at: long.span) == nil)
        #expect(recentHead.head(at: Array(Self.head.utf8).span)?.head.request.path == "/a")
        let next = Array("HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        recentHead.keep(try HTTP1HeadParser.parse(next.span), of: next.span)
        #expect(recentHead.head(at: Array(Self.head.utf8).span) == nil)
        #expect(recentHead.head(at: next.span)?.head.request.method == .head)
    }

    @Test("is none at first")
    func none() {
        #expect(RecentHead().head(at: Array(Self.head.utf8).span) == nil)
        #expect(RecentHead().head(at: [UInt8]().span) == nil)
    }
}
