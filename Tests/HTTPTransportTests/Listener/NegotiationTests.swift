// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@Suite("What has several variants")
struct NegotiationTests {
    /// Answers everything with a text, coded or not.
    private final class CodingResponder: Responder {
        let representation: Representation

        init() {
            let variants = [nil, "gzip", "br"].map { coding in
                let content = Array((coding ?? "identity").utf8)
                return Variant(
                    body: .bytes(SharedBytes(content)),
                    digest: Digest(of: content),
                    mediaType: "text/plain",
                    contentCoding: coding
                )
            }
            representation = Representation(variants[0], or: Array(variants.dropFirst()), caching: .revalidate)
        }

        func respond(to request: Request, from client: ClientAddress) -> Reply {
            .now(representation.response(to: request) { LiveServer.now })
        }
    }

    @Test("is sent as a client's fields prefer it, on one line or several", arguments: WireProtocol.allCases)
    func codings(_ wire: WireProtocol) async throws {
        try await LiveServer.with(responder: CodingResponder()) { server in
            let rows: [(lines: [String], coding: String?)] = [
                ([], nil), (["gzip"], "gzip"), (["gzip;q=0.5, br"], "br"), (["gzip;q=0.5", "br;q=0.4"], "gzip"),
                (["identity;q=0", "*;q=0"], nil),
            ]
            for (lines, coding) in rows {
                let fields = lines.map { ("accept-encoding", $0) }
                let reply = try await server.fetch(TestRequest("GET", "/", fields), over: wire)
                #expect(reply.status == 200 && reply.text == coding ?? "identity")
                #expect(reply["content-encoding"] == coding && reply["vary"] == "accept-encoding")
                let tag = try #require(reply["etag"])
                let again = TestRequest("GET", "/", fields + [("if-none-match", tag)])
                let notModified = try await server.fetch(again, over: wire)
                #expect(notModified.status == 304 && notModified["vary"] == "accept-encoding")
            }
        }
    }
}
