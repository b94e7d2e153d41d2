// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Testing

@Suite("A request")
struct RequestTests {
    @Test("tells whether an answer can depend on its fields")
    func conditional() {
        var fields = RequestFields()
        fields.add(name: "x-forwarded-for", value: "192.0.2.1")
        fields.add(name: "accept", value: "*/*")
        #expect(fields.conditions.isEmpty)
        #expect(fields.forwardedFor == "192.0.2.1")
        fields.add(name: "want-repr-digest", value: "sha-256=0")
        #expect(!fields.conditions.isEmpty)
    }

    @Test("comes from another process of the server by exactly the fields that are named as the server's own")
    func own() {
        var fields = RequestFields()
        for name in ["its-owner", "its-ow", "its", ""] {
            fields.add(name: name, value: "x", reading: FieldSelection(own: ["its-own", "its-former"]))
        }
        #expect(fields.own == nil)
        fields.add(name: "its-former", value: "y", reading: FieldSelection(own: ["its-own", "its-former"]))
        #expect(fields.own == "y")
    }

    @Test("has no preference of its client where a service has nothing to choose from")
    func unread() {
        let names = ["accept", "accept-encoding", "accept-language"]
        var fields = RequestFields()
        for name in names { fields.add(name: name, value: String(repeating: "v", count: 8000)) }
        #expect(Request(method: .get, path: "/a", fields: fields).byteCount == 2)
        for name in names { fields.add(name: name, value: "v", reading: FieldSelection(hasNegotiation: true)) }
        #expect(Request(method: .get, path: "/a", fields: fields).byteCount == 5)
    }

    @Test("is kept for log and metrics as 256 bytes of each text at most, whatever a client sends")
    func excerpt() {
        let names = ["user-agent", "x-forwarded-for", "x-request-id", "traceparent", "if-none-match", "range"]
        var fields = RequestFields()
        for name in names + names { fields.add(name: name, value: String(repeating: "v", count: 8000)) }
        fields.add(
            name: "its-own",
            value: String(repeating: "p", count: 8000),
            reading: FieldSelection(own: ["its-own"])
        )
        let path = "/" + String(repeating: "\u{1F9E9}e\u{301}", count: 1000)
        let method = Method.other(String(repeating: "M", count: 8000))
        let excerpt = RequestExcerpt(Request(method: method, path: path, query: path, fields: fields))
        let texts = [excerpt.userAgent, excerpt.requestID, excerpt.traceparent]
        #expect(texts.allSatisfy { $0?.utf8.count == 256 })
        #expect(excerpt.forwardedFor == "")
        #expect(excerpt.method.token.utf8.count == 256)
        // 36 times 4 + 1 + 2 bytes, and the slash; the next Unicode scalar would be cut.
        let beginning = path.unicodeScalars.prefix(1 + 36 * 3)
        #expect(excerpt.path == beginning.reduce(into: "") { $0.unicodeScalars.append($1) })
        #expect(excerpt.isOwn)
    }

    // A proxy adds at the end who has asked it; what stands before, anyone may have made up.
    @Test("is kept with the last of the proxies in a long list, each whole", arguments: 200...300)
    func proxies(_ length: Int) {
        var fields = RequestFields()
        fields.add(name: "x-forwarded-for", value: String(repeating: "v", count: length) + ",10.0.0.1, 10.0.0.2")
        let kept = RequestExcerpt(Request(method: .get, path: "/a", fields: fields)).forwardedFor
        let whole = length + 19 <= 256
        #expect(kept == (whole ? fields.forwardedFor : "10.0.0.1, 10.0.0.2"))
    }

    @Test("is kept as it is where it is as short as gateways' are")
    func shortExcerpt() {
        var fields = RequestFields()
        fields.add(name: "user-agent", value: "Go-http-client/1.1")
        let path = String(repeating: "p", count: 256)
        let excerpt = RequestExcerpt(Request(method: .head, path: path, fields: fields))
        #expect(excerpt.method == .head && excerpt.path == path && !excerpt.isOwn)
        #expect(excerpt.userAgent == "Go-http-client/1.1" && excerpt.traceparent == nil)
    }
}
