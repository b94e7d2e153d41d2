// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

extension SpecificationCase {
    private typealias Client = ClientFrames

    /// What a server must accept.
    static let generic: [SpecificationCase] = starting + states + frameDefinitions + exchanges + fields

    private static let starting = [
        SpecificationCase("generic/1", "Sends a client connection preface", [], .acknowledgements(1))
    ]

    private static let states = [
        SpecificationCase(
            "generic/2",
            "Sends a PRIORITY frame on idle stream",
            Client.priority(on: 1) + Client.ping(),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "generic/2",
            "Sends a WINDOW_UPDATE frame on half-closed (remote) stream",
            Client.initialWindow(0) + Client.headers() + Client.windowUpdate(1, on: 1),
            .content(1)
        ),
        SpecificationCase(
            "generic/2",
            "Sends a PRIORITY frame on half-closed (remote) stream",
            Client.initialWindow(0) + Client.headers() + Client.priority(on: 1) + Client.windowUpdate(1, on: 1),
            .content(1)
        ),
        SpecificationCase(
            "generic/2",
            "Sends a RST_STREAM frame on half-closed (remote) stream",
            Client.headers() + Client.reset() + Client.ping(),
            .pong("h2-tests")
        ),
        SpecificationCase(
            "generic/2",
            "Sends a PRIORITY frame on closed stream",
            Client.headers() + Client.priority(on: 1) + Client.ping(),
            .pong("h2-tests")
        ),
    ]

    private static let frameDefinitions =
        content + headers + priorities + [
            SpecificationCase(
                "generic/3.4",
                "Sends a RST_STREAM frame",
                Client.headers(endsStream: false) + Client.reset() + Client.ping(),
                .pong("h2-tests")
            ),
            SpecificationCase(
                "generic/3.5",
                "Sends a SETTINGS frame",
                Client.settings([(0x3, 100)]),
                .acknowledgements(2)
            ),
            SpecificationCase("generic/3.7", "Sends a PING frame", Client.ping("pingpong"), .pong("pingpong")),
            SpecificationCase("generic/3.8", "Sends a GOAWAY frame", Client.goAway(), .end),
            SpecificationCase(
                "generic/3.9",
                "Sends a WINDOW_UPDATE frame with stream ID 0",
                Client.windowUpdate(1) + Client.headers(),
                .answer
            ),
            SpecificationCase(
                "generic/3.9",
                "Sends a WINDOW_UPDATE frame with stream ID 1",
                Client.headers(endsStream: false) + Client.windowUpdate(1, on: 1) + Client.data(),
                .answer
            ),
            SpecificationCase(
                "generic/3.10",
                "Sends a CONTINUATION frame",
                Client.headers(Array(Client.get.prefix(2)), endsHeaders: false)
                    + Client.continuation(Array(Client.get.suffix(2)), endsHeaders: true),
                .answer
            ),
            SpecificationCase(
                "generic/3.10",
                "Sends multiple CONTINUATION frames",
                Client.headers(Array(Client.get.prefix(1)), endsHeaders: false)
                    + Client.continuation(Array(Client.get[1..<2]), endsHeaders: false)
                    + Client.continuation(Array(Client.get.suffix(2)), endsHeaders: true),
                .answer
            ),
        ]

    private static let content = [
        SpecificationCase(
            "generic/3.1",
            "Sends a DATA frame",
            Client.headers(Client.post, endsStream: false) + Client.data(),
            .answer
        ),
        SpecificationCase(
            "generic/3.1",
            "Sends multiple DATA frames",
            Client.headers(Client.post + [("content-length", "8")], endsStream: false)
                + Client.data(endsStream: false) + Client.data(),
            .answer
        ),
        SpecificationCase(
            "generic/3.1",
            "Sends a DATA frame with padding",
            Client.headers(Client.post, endsStream: false)
                + HTTP2Frames.frame(0x0, flags: 0x9, stream: 1, payload: [6] + Array("testpadded".utf8)),
            .answer
        ),
    ]

    private static let headers = [
        SpecificationCase("generic/3.2", "Sends a HEADERS frame", Client.headers(), .answer),
        SpecificationCase(
            "generic/3.2",
            "Sends a HEADERS frame with padding",
            Client.headers(block: [4] + Client.block(Client.get) + [0, 0, 0, 0], flags: 0xd),
            .answer
        ),
        SpecificationCase(
            "generic/3.2",
            "Sends a HEADERS frame with priority",
            Client.headers(block: [0, 0, 0, 0, 255] + Client.block(Client.get), flags: 0x25),
            .answer
        ),
    ]

    private static let priorities = [
        SpecificationCase(
            "generic/3.3",
            "Sends a PRIORITY frame with priority 1",
            Client.priority(on: 1, weight: 0) + Client.headers(),
            .answer
        ),
        SpecificationCase(
            "generic/3.3",
            "Sends a PRIORITY frame with priority 256",
            Client.priority(on: 1) + Client.headers(),
            .answer
        ),
        SpecificationCase(
            "generic/3.3",
            "Sends a PRIORITY frame with stream dependency",
            Client.priority(on: 3, dependingOn: 1, weight: 0) + Client.headers(),
            .answer
        ),
        SpecificationCase(
            "generic/3.3",
            "Sends a PRIORITY frame with exclusive",
            Client.priority(on: 1, exclusive: true, weight: 0) + Client.headers(),
            .answer
        ),
        SpecificationCase(
            "generic/3.3",
            "Sends a PRIORITY frame for an idle stream, then send a HEADER frame for a lower stream ID",
            Client.priority(on: 3) + Client.headers(),
            .answer
        ),
    ]

    private static let exchanges = [
        SpecificationCase("generic/4", "Sends a GET request", Client.headers(), .answer),
        SpecificationCase(
            "generic/4",
            "Sends a HEAD request",
            Client.headers([(":method", "HEAD")] + Client.get.dropFirst()),
            .answer
        ),
        SpecificationCase(
            "generic/4",
            "Sends a POST request",
            Client.headers(Client.post, endsStream: false) + Client.data(),
            .answer
        ),
        SpecificationCase(
            "generic/4",
            "Sends a POST request with trailers",
            Client.headers(Client.post + [("trailer", "x-test")], endsStream: false)
                + Client.data("", endsStream: false)
                + Client.headers([("x-test", "ok")]),
            .answer
        ),
    ]

    /// Representations of `user-agent: h2spec` and `x-test: h2spec` (RFC 7541 §6.1, §6.2), and size updates (§6.3).
    private static let fields = [
        field("indexed header field representation", [0x80 | 58]),
        field("literal header field with incremental indexing - indexed name", [0x40 | 58, 6] + "h2spec".utf8),
        field(
            "literal header field with incremental indexing - indexed name (with Huffman coding)",
            [0x40 | 58] + huffman
        ),
        field("literal header field with incremental indexing - new name", [0x40] + plainName + plain),
        field(
            "literal header field with incremental indexing - new name (with Huffman coding)",
            [0x40] + huffmanName + huffman
        ),
        field("literal header field without indexing - indexed name", [0x0f, 58 - 15] + plain),
        field(
            "literal header field without indexing - indexed name (with Huffman coding)",
            [0x0f, 58 - 15] + huffman
        ),
        field("literal header field without indexing - new name", [0x00] + plainName + plain),
        field("literal header field without indexing - new name (huffman encoded)", [0x00] + huffmanName + huffman),
        field("literal header field never indexed - indexed name", [0x1f, 58 - 15] + plain),
        field("literal header field never indexed - indexed name (huffman encoded)", [0x1f, 58 - 15] + huffman),
        field("literal header field never indexed - new name", [0x10] + plainName + plain),
        field("literal header field never indexed - new name (huffman encoded)", [0x10] + huffmanName + huffman),
        SpecificationCase(
            "generic/5",
            "Sends a dynamic table size update",
            Client.headers(block: [0x20] + Client.block(Client.get)),
            .answer
        ),
        SpecificationCase(
            "generic/5",
            "Sends multiple dynamic table size update",
            Client.headers(block: [0x20, 0x3f, 0xe1, 0x1f] + Client.block(Client.get)),
            .answer
        ),
    ]

    private static let plain = [UInt8(6)] + Array("h2spec".utf8)
    private static let plainName = [UInt8(6)] + Array("x-test".utf8)
    /// By RFC 7541 Appendix B.
    private static let huffman: [UInt8] = [0x84, 0x9c, 0x48, 0xac, 0xa4]
    private static let huffmanName: [UInt8] = [0x85, 0xf2, 0xb2, 0x4a, 0x84, 0xff]

    private static func field(_ title: String, _ bytes: [UInt8]) -> SpecificationCase {
        SpecificationCase(
            "generic/5",
            "Sends a \(title)",
            Client.headers(block: Client.block(Client.get) + bytes),
            .answer
        )
    }
}
