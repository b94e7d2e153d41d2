// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import HTTPSemantics
import HTTPService
import ModuleCatalog
import TestSupport
import Testing

/// What is served at `/plugin.wasm`.
private enum Sample {
    static let module = WasmModule.ofSize(100_000)
    static let digest = Digest(of: module)
}

/// The data port as its clients see it: one test body, on each protocol version.
@Suite("The data port")
struct InterfaceTests {
    private static let module = Sample.module
    private static let digest = Sample.digest

    @Test(
        "answers a module's URLs with its bytes and how to verify them",
        arguments: WireProtocol.allCases,
        ["/plugin.wasm", "/plugin.wasm?any=query", "/sha256/\(Sample.digest).wasm"]
    )
    func module(_ wire: WireProtocol, _ path: String) async throws {
        let reply = try await fetch(TestRequest("GET", path), over: wire)
        #expect(reply.status == 200)
        #expect(reply.content == Self.module)
        #expect(reply["content-type"] == "application/wasm")
        #expect(reply["content-length"] == "100000")
        #expect(reply["etag"] == "\"sha256:\(Self.digest)\"")
        #expect(reply["repr-digest"] == "sha-256=:\(Self.digest.base64):")
        #expect(reply["accept-ranges"] == "bytes")
        #expect(reply["x-content-type-options"] == "nosniff")
        #expect(reply["date"] == LiveServer.now.description)
        #expect(reply["content-encoding"] == nil)
        #expect(reply["cache-control"]?.contains("immutable") == path.hasPrefix("/sha256/"))
    }

    @Test(
        "answers with a digest where it is asked for one",
        arguments: WireProtocol.allCases,
        ["/plugin.wasm.sha256", "/sha256/\(Sample.digest).wasm.sha256"]
    )
    func digest(_ wire: WireProtocol, _ path: String) async throws {
        let reply = try await fetch(TestRequest("GET", path), over: wire)
        #expect(reply.status == 200)
        #expect(reply.text == "\(Self.digest)\n")
        #expect(reply["content-type"]?.hasPrefix("text/plain") == true)
        #expect(reply["repr-digest"] == "sha-256=:\(Digest(of: reply.content).base64):")
    }

    @Test("is healthy in the words of the original", arguments: WireProtocol.allCases)
    func health(_ wire: WireProtocol) async throws {
        let reply = try await fetch(TestRequest("GET", "/health"), over: wire)
        #expect(reply.status == 200)
        #expect(reply.text == #"{"status":"Healthy"}"#)
        #expect(reply["content-type"] == "application/json")
        #expect(try await fetch(TestRequest("GET", "/healthANYTHING"), over: wire).status == 404)
    }

    @Test(
        "answers HEAD with the fields of GET and no content (RFC 9110 §9.3.2)",
        arguments: WireProtocol.allCases,
        ["/plugin.wasm", "/plugin.wasm.sha256", "/health", "/modules", "/nothing.wasm"]
    )
    func head(_ wire: WireProtocol, _ path: String) async throws {
        let get = try await fetch(TestRequest("GET", path), over: wire)
        let head = try await fetch(TestRequest("HEAD", path), over: wire)
        #expect(head.status == get.status)
        #expect(head.fields == get.fields)
        #expect(head.content.isEmpty)
    }

    @Test("sends ranges of a module", arguments: WireProtocol.allCases)
    func ranges(_ wire: WireProtocol) async throws {
        let part = try await fetch(TestRequest("GET", "/plugin.wasm", [("range", "bytes=10-70009")]), over: wire)
        #expect(part.status == 206)
        #expect(part["content-range"] == "bytes 10-70009/100000")
        #expect(part["content-length"] == "70000")
        // RFC 9530 §3: of the whole representation, whatever part is sent.
        #expect(part["repr-digest"] == "sha-256=:\(Self.digest.base64):")
        #expect(part.content == Array(Self.module[10...70009]))
        let suffix = try await fetch(TestRequest("GET", "/plugin.wasm", [("range", "bytes=-5")]), over: wire)
        #expect(suffix.content == Array(Self.module.suffix(5)))
        let several = try await fetch(TestRequest("GET", "/plugin.wasm", [("range", "bytes=0-1,5-6")]), over: wire)
        #expect(several.status == 200)
        #expect(several.content == Self.module)
        let beyond = try await fetch(TestRequest("GET", "/plugin.wasm", [("range", "bytes=100000-")]), over: wire)
        #expect(beyond.status == 416)
        #expect(beyond["content-range"] == "bytes */100000")
        let text = try await fetch(TestRequest("GET", "/plugin.wasm.sha256", [("range", "bytes=0-3")]), over: wire)
        #expect(text.text == Self.digest.hexadecimal.prefix(4))
    }

    @Test("sends a range only of the representation that the client has part of", arguments: WireProtocol.allCases)
    func ifRange(_ wire: WireProtocol) async throws {
        let tag = "\"sha256:\(Self.digest)\""
        func status(_ ifRange: String) async throws -> Int {
            let fields = [("range", "bytes=0-0"), ("if-range", ifRange)]
            return try await fetch(TestRequest("GET", "/plugin.wasm", fields), over: wire).status
        }
        #expect(try await status(tag) == 206)
        #expect(try await status("W/\(tag)") == 200)
        #expect(try await status("\"sha256:other\"") == 200)
        #expect(try await status("Sun, 06 Nov 1994 08:49:37 GMT") == 200)
    }

    @Test("spares a client the bytes that it has", arguments: WireProtocol.allCases)
    func conditions(_ wire: WireProtocol) async throws {
        let tag = "\"sha256:\(Self.digest)\""
        let same = try await fetch(TestRequest("GET", "/plugin.wasm", [("if-none-match", "\"x\", \(tag)")]), over: wire)
        #expect(same.status == 304)
        #expect(same.content.isEmpty)
        #expect(same["etag"] == tag)
        #expect(same["cache-control"] == "no-cache")
        #expect(same["content-length"] == nil)
        let other = try await fetch(TestRequest("GET", "/plugin.wasm", [("if-none-match", "\"x\"")]), over: wire)
        #expect(other.status == 200)
        let mismatch = try await fetch(TestRequest("GET", "/plugin.wasm", [("if-match", "\"x\"")]), over: wire)
        #expect(mismatch.status == 412)
        // A file's date says nothing of its bytes, so the name's URL has none, and no date gets a 304.
        let date = try await fetch(
            TestRequest("GET", "/plugin.wasm", [("if-modified-since", "Sat, 01 Jan 2050 00:00:00 GMT")]),
            over: wire
        )
        #expect(date.status == 200)
    }

    @Test(
        "answers conditions on dates at the digest's URL, where the bytes never change",
        arguments: WireProtocol.allCases
    )
    func dates(_ wire: WireProtocol) async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.module, to: "plugin.wasm")
            let modified = Date(timeIntervalSince1970: 1_700_000_000)
            try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: file)
            let snapshot = try Catalog(sources: [.path(file)], maximumModuleSize: 1 << 20).load()
            try await LiveServer.with(snapshot) { server in
                func fetch(_ fields: [(String, String)]) async throws -> TestReply {
                    try await server.fetch(TestRequest("GET", "/sha256/\(Self.digest).wasm", fields), over: wire)
                }
                let date = try #require(try await fetch([])["last-modified"])
                // By `date -u -d @1700000000`.
                #expect(date == "Tue, 14 Nov 2023 22:13:20 GMT")
                #expect(try await fetch([("if-modified-since", date)]).status == 304)
                #expect(try await fetch([("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]).status == 200)
                #expect(try await fetch([("if-unmodified-since", date)]).status == 200)
                #expect(try await fetch([("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]).status == 412)
                #expect(try await fetch([("if-range", date), ("range", "bytes=0-0")]).status == 206)
            }
        }
    }

    @Test("leaves out a digest that the client rules out", arguments: WireProtocol.allCases)
    func wantReprDigest(_ wire: WireProtocol) async throws {
        let without = try await fetch(
            TestRequest("GET", "/plugin.wasm", [("want-repr-digest", "sha-256=0")]),
            over: wire
        )
        #expect(without.status == 200)
        #expect(without["repr-digest"] == nil)
        let with = try await fetch(TestRequest("GET", "/plugin.wasm", [("want-repr-digest", "sha-256=1")]), over: wire)
        #expect(with["repr-digest"] == "sha-256=:\(Self.digest.base64):")
    }

    @Test(
        "answers other methods with 405, whether they have content or not",
        arguments: WireProtocol.allCases,
        ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"]
    )
    func methods(_ wire: WireProtocol, _ method: String) async throws {
        for content in [nil, Array("hello".utf8)] {
            let reply = try await fetch(TestRequest(method, "/plugin.wasm", content: content), over: wire)
            #expect(reply.status == 405)
            #expect(reply["allow"] == "GET, HEAD")
            #expect(reply["content-type"] == "application/problem+json")
        }
    }

    @Test("answers a GET with content, which it does not read", arguments: WireProtocol.allCases, [5, 60_000, 900_000])
    func content(_ wire: WireProtocol, _ size: Int) async throws {
        let content = [UInt8](repeating: 7, count: size)
        let reply = try await fetch(TestRequest("GET", "/plugin.wasm.sha256", content: content), over: wire)
        #expect(reply.status == 200)
        #expect(reply.text == "\(Self.digest)\n")
    }

    @Test(
        "knows only the names in its table",
        arguments: WireProtocol.allCases,
        [
            ("/", 404), ("/nothing.wasm", 404), ("//plugin.wasm", 404), ("/plugin.wasm/", 404), ("/./plugin.wasm", 404),
            ("/../plugin.wasm", 404), ("/../../etc/passwd", 404), ("/%2e%2e/plugin.wasm", 404), ("/PLUGIN.wasm", 404),
            ("/x/..%2fplugin.wasm", 400), ("/%2Fplugin.wasm", 400), ("/plugin.wasm%00", 400), ("/%c0%ae%c0%ae/x", 400),
            ("/%ff.wasm", 400), ("/%", 400), ("/%4", 400), ("/%zz", 400), ("/%+1", 400), ("/%5Cplugin.wasm", 404),
            ("/%252e%252e/plugin.wasm", 404), ("/sha256/\(Sample.digest.hexadecimal.uppercased()).wasm", 404),
            ("/a%20b/%C3%A4.wasm", 200), ("/plugin%2Ewasm", 200),
        ]
    )
    func paths(_ wire: WireProtocol, _ row: (path: String, status: Int)) async throws {
        let reply = try await fetch(TestRequest("GET", row.path), over: wire)
        #expect(reply.status == row.status)
        if row.status >= 400 { #expect(reply["content-type"] == "application/problem+json") }
    }

    @Test("refuses a path that is too long with 414", arguments: WireProtocol.allCases)
    func longPath(_ wire: WireProtocol) async throws {
        let path = "/" + String(repeating: "a", count: 10_000)
        #expect(try await fetch(TestRequest("GET", path), over: wire).status == 414)
    }

    @Test("refuses a head with too many fields with 431", arguments: WireProtocol.allCases)
    func manyFields(_ wire: WireProtocol) async throws {
        let fields = (0..<70).map { ("x-\($0)", "y") }
        #expect(try await fetch(TestRequest("GET", "/plugin.wasm", fields), over: wire).status == 431)
    }

    private func fetch(_ request: TestRequest, over wire: WireProtocol) async throws -> TestReply {
        try await LiveServer.with(try .of(["plugin.wasm": Self.module, "a b/ä.wasm": WasmModule.plugin])) { server in
            try await server.fetch(request, over: wire)
        }
    }
}
