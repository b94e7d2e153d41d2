// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

@Suite("A request over HTTP/2")
struct HTTP2RequestTests {
    private typealias Client = ClientFrames

    private static func answered(_ fields: [Client.Field], limits: Limits = Limits()) throws -> HTTP2Scene {
        let scene = HTTP2Scene(["/": .text("a document"), "/now": .text("now")], limits: limits)
        let block = Client.block(fields)
        let parts = stride(from: 0, to: block.count, by: 16_000).map {
            Array(block[$0..<min($0 + 16_000, block.count)])
        }
        scene.send(Client.handshake)
        for (index, part) in parts.enumerated() {
            let ends: UInt8 = index == parts.count - 1 ? 0x4 : 0
            scene.send(
                index == 0
                    ? Client.headers(block: part, flags: 0x1 | ends)
                    : HTTP2Frames.frame(0x9, flags: ends, stream: 1, payload: part)
            )
        }
        return scene
    }

    @Test("has the method, the path, the query and the fields that matter, and no others")
    func parts() throws {
        let fields: [Client.Field] = [
            (":method", "HEAD"), (":scheme", "https"), (":path", "/now?a=b?c"), (":authority", "plugins:8080"),
            ("user-agent", "curl/8"), ("user-agent", "again"), ("x-request-id", "7"), ("x-forwarded-for", "10.0.0.1"),
            ("traceparent", "00-1-2-03"), ("if-none-match", #""a""#), ("if-none-match", #""b""#), ("range", "bytes=0-"),
            ("cookie", "secret"), ("host", "other"), ("te", "trailers"),
        ]
        let scene = try Self.answered(fields)
        let request = try #require(scene.answers.requests.first)
        #expect(request.method == .head)
        #expect(request.path == "/now")
        #expect(request.query == "a=b?c")
        #expect(request.fields.authority == "plugins:8080")
        #expect(request.fields.userAgent == "curl/8, again")
        #expect(request.fields.requestID == "7")
        #expect(request.fields.forwardedFor == "10.0.0.1")
        #expect(request.fields.traceparent == "00-1-2-03")
        #expect(request.fields.conditions.ifNoneMatch == #""a", "b""#)
        #expect(request.fields.conditions.range == "bytes=0-")
        // The head alone, which ends the stream (RFC 9110 §9.3.2).
        #expect(scene.received.of(0x0).isEmpty && scene.received.hasEnded(1))
    }

    /// RFC 9113 §8.1.1, §8.2 and §8.3, with what the log is told.
    private static let malformed: [(fields: [Client.Field], reason: String)] = [
        (Client.get + [("connection", "close")], "it may not have the field connection"),
        (Client.get + [("keep-alive", "5")], "it may not have the field keep-alive"),
        (Client.get + [("proxy-connection", "close")], "it may not have the field proxy-connection"),
        (Client.get + [("transfer-encoding", "chunked")], "it may not have the field transfer-encoding"),
        (Client.get + [("upgrade", "h2c")], "it may not have the field upgrade"),
        (Client.get + [("te", "gzip")], "it may not have the field te"),
        (Client.get + [("ACCEPT", "x")], "it has a field of the name 'ACCEPT'"),
        (Client.get + [("a b", "x")], "it has a field of the name 'a b'"),
        (Client.get + [("", "x")], "it has a field of the name ''"),
        (Client.get + [("x", " a")], "its field x has a bad value"),
        (Client.get + [("x", "a\t")], "its field x has a bad value"),
        (Client.get + [("x", "a\0b")], "its field x has a bad value"),
        (Client.get + [("x", "a\nb")], "its field x has a bad value"),
        (Client.get + [("x", "a\rb")], "its field x has a bad value"),
        (Client.get + [(":test", "x")], "it has an unknown field :test"),
        (Client.get + [(":path", "/")], "it has the field :path twice"),
        ([("x", "y")] + Client.get, "its field :method comes too late"),
        (Client.get.map { $0.name == ":path" ? (":path", "") : $0 }, "its path is empty"),
        (Client.get.map { $0.name == ":path" ? (":path", " /") : $0 }, "its field :path has a bad value"),
        (Client.get.map { $0.name == ":method" ? (":method", "G T") : $0 }, "its field :method has a bad value"),
        (Array(Client.get.dropFirst()), "it lacks :method, :scheme or :path, or has one too many"),
        (
            Client.get.map { $0.name == ":method" ? (":method", "CONNECT") : $0 },
            "it lacks :method, :scheme or :path, or has one too many"
        ),
        (Client.get + [("content-length", "5")], "its content is not as long as it says"),
        (Client.get + [("content-length", "+5")], "its content-length is not one number"),
        (Client.get + [("content-length", "0"), ("content-length", "1")], "its content-length is not one number"),
    ]

    @Test("that is malformed ends its stream, and the log is told why", arguments: malformed)
    func malformedRequest(_ fields: [ClientFrames.Field], _ reason: String) throws {
        let scene = try Self.answered(fields)
        #expect(scene.received.resets == [1: Client.protocolError])
        #expect(scene.observer.events == [.streamRejected])
        #expect(scene.observer.details == [reason])
        #expect(scene.observer.exchanges.isEmpty && scene.answers.requests.isEmpty)
        // The connection goes on.
        scene.send(Client.headers(on: 3))
        #expect(scene.received.hasEnded(3))
        #expect(scene.answersUnderWay == 0)
    }

    @Test(
        "may be what seems odd and is not",
        arguments: [
            Client.get + [("content-length", "0"), ("content-length", "0")], Client.get + [("x", "")],
            Client.get + [("x", "a\tb")], Client.get + [("!#$%&'*+-.^_`|~09az", "ä")],
            [(":path", "/"), (":method", "GET"), (":scheme", "odd")], Client.get + [("te", "trailers")],
            [(":method", "CONNECT"), (":authority", "a:1")],
        ]
    )
    func wellFormed(_ fields: [ClientFrames.Field]) throws {
        let scene = try Self.answered(fields)
        #expect(scene.received.resets.isEmpty)
        #expect(scene.received.hasEnded(1))
    }

    /// Each limit of ``HeadLimits`` and what is just beyond it.
    private static let refusals: [(fields: [Client.Field], status: String?)] = [
        ([(":method", "GET"), (":scheme", "http"), (":path", "/" + text(8191))], nil),
        ([(":method", "GET"), (":scheme", "http"), (":path", "/" + text(8192))], "414"),
        (Client.get + [("x", text(8191))], "200"),
        (Client.get + [("x", text(8192))], "431"),
        (Client.get + Array(repeating: ("x", "y"), count: 60), "200"),
        (Client.get + Array(repeating: ("x", "y"), count: 61), "431"),
        // SETTINGS_MAX_HEADER_LIST_SIZE counts 32 bytes for each field (RFC 9113 §6.5.2): the four first have 161.
        (Client.get + Array(repeating: ("x", text(8000)), count: 4), "200"),
        (Client.get + Array(repeating: ("x", text(8000)), count: 4) + [("y", text(443))], "431"),
        (Client.get + Array(repeating: ("x", text(8000)), count: 9), "431"),
        // What is beyond is not looked at.
        (Client.get + Array(repeating: ("x", "y"), count: 61) + [("BAD", "x")], "431"),
        (Client.get.map { $0.name == ":authority" ? (":authority", "u@a") : $0 }, "400"),
        (Client.get.map { $0.name == ":authority" ? (":authority", "a:99999") : $0 }, "400"),
        (Client.get.map { $0.name == ":authority" ? (":authority", "") : $0 }, "200"),
    ]

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test(
        "that is too large, or names no host, is answered with what is wrong, and no other suffers",
        arguments: refusals
    )
    func refusal(_ fields: [ClientFrames.Field], _ status: String?) throws {
        let scene = try Self.answered(fields)
        // A path that is allowed, and not here, is answered later.
        if let status { #expect(try scene.received.status(on: 1) == status) }
        #expect(scene.received.of(0x1).isEmpty == (status == nil))
        scene.send(Client.headers(on: 3))
        #expect(scene.received.hasEnded(3))
        #expect(scene.received.goAways.isEmpty && scene.received.resets.isEmpty)
        if status == "431" || status == "414" || status == "400" {
            #expect(scene.observer.exchanges.first?.response.head.status.rawValue == Int(status ?? ""))
            #expect(scene.answers.requests.count == 1)
        }
    }

    @Test("whose fields are in the client's table is read though the one before it was too large")
    func tableAfterRefusal() throws {
        let scene = HTTP2Scene(["/": .text("a document")])
        // Literals with incremental indexing (RFC 7541 §6.2.1): `user-agent`, index 58, behind many others.
        let many = (0..<61).flatMap { _ in Client.block([("x", "y")]) }
        let agent = [0x40 | 58, 5] + Array("agent".utf8)
        scene.send(Client.handshake + Client.headers(block: Client.block(Client.get) + many + agent))
        // The youngest of the dynamic table has index 62.
        scene.send(Client.headers(block: Client.block(Client.get) + [0x80 | 62], on: 3))
        #expect(try scene.received.status(on: 1) == "431")
        #expect(scene.answers.requests.map(\.fields.userAgent) == ["agent"])
    }

    @Test("whose header block goes on and on ends the connection (RFC 9113 §10.5.1)")
    func endlessBlock() throws {
        let scene = try Self.answered(Client.get + Array(repeating: ("x", Self.text(8000)), count: 16))
        #expect(scene.received.goAways == [.init(last: 0, error: Client.enhanceYourCalm)])
        #expect(scene.reasons == [.flood])
    }

    @Test("has fields of several names in the log as one text of the client's, cut at 256 bytes")
    func excerpt() throws {
        let scene = try Self.answered(Client.get + [("user-agent", Self.text(3000))])
        #expect(scene.observer.exchanges.first?.request?.userAgent?.utf8.count == 256)
    }
}
