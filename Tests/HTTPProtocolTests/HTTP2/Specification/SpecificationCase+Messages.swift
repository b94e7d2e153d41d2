// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

extension SpecificationCase {
    private typealias Client = ClientFrames

    /// Errors, requests and fields.
    static let messages = codes + fields + pseudoFields + exchanges

    private static let codes = [
        SpecificationCase("http2/7", "Sends a GOAWAY frame with unknown error code", Client.goAway(code: 0xff), .end),
        SpecificationCase(
            "http2/7",
            "Sends a RST_STREAM frame with unknown error code",
            Client.headers(Client.post, endsStream: false) + Client.reset(code: 0xff) + Client.ping(),
            .pong("h2-tests")
        ),
    ]

    private static func malformed(_ section: String, _ title: String, _ fields: [Client.Field]) -> SpecificationCase {
        SpecificationCase(
            "http2/8.1.2\(section)",
            "Sends a HEADERS frame \(title)",
            Client.headers(fields),
            .streamError(Client.protocolError)
        )
    }

    private static let fields = [
        malformed("", "that contains the header field name in uppercase letters", Client.get + [("X-TEST", "ok")]),
        malformed(
            ".2",
            "that contains the connection-specific header field",
            Client.get + [("connection", "keep-alive")]
        ),
        malformed(
            ".2",
            #"that contains the TE header field with any value other than "trailers""#,
            Client.get + [("trailers", "test"), ("te", "trailers, deflate")]
        ),
    ]

    private static let pseudoFields = [
        malformed(".1", "that contains a unknown pseudo-header field", Client.get + [(":test", "ok")]),
        malformed(
            ".1",
            "that contains the pseudo-header field defined for response",
            Client.get + [(":status", "200")]
        ),
        SpecificationCase(
            "http2/8.1.2.1",
            "Sends a HEADERS frame that contains a pseudo-header field as trailers",
            Client.headers(Client.post, endsStream: false) + Client.headers([(":method", "POST")], endsStream: false),
            .streamError(Client.protocolError)
        ),
        malformed(
            ".1",
            "that contains a pseudo-header field that appears in a header block after a regular header field",
            [("x-test", "ok")] + Client.get
        ),
        malformed(
            ".3",
            #"with empty ":path" pseudo-header field"#,
            Client.get.map { $0.name == ":path" ? (":path", "") : $0 }
        ),
        malformed(".3", #"that omits ":method" pseudo-header field"#, without(":method")),
        malformed(".3", #"that omits ":scheme" pseudo-header field"#, without(":scheme")),
        malformed(".3", #"that omits ":path" pseudo-header field"#, without(":path")),
        malformed(".3", #"with duplicated ":method" pseudo-header field"#, Client.get + [(":method", "GET")]),
        malformed(".3", #"with duplicated ":scheme" pseudo-header field"#, Client.get + [(":scheme", "http")]),
        malformed(".3", #"with duplicated ":path" pseudo-header field"#, Client.get + [(":path", "/")]),
    ]

    private static func without(_ name: String) -> [Client.Field] { Client.get.filter { $0.name != name } }

    private static let posting = Client.headers(Client.post + [("content-length", "1")], endsStream: false)

    private static let exchanges = [
        SpecificationCase(
            "http2/8.1",
            "Sends a second HEADERS frame without the END_STREAM flag",
            Client.headers(Client.post, endsStream: false) + Client.headers([("x-test", "ok")], endsStream: false),
            .streamError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/8.1.2.6",
            #"Sends a HEADERS frame with the "content-length" header field which does not equal the DATA frame payload length"#,
            posting + Client.data(),
            .streamError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/8.1.2.6",
            #"Sends a HEADERS frame with the "content-length" header field which does not equal the sum of the multiple DATA frames payload length"#,
            posting + Client.data(endsStream: false) + Client.data(),
            .streamError(Client.protocolError)
        ),
        SpecificationCase(
            "http2/8.2",
            "Sends a PUSH_PROMISE frame",
            Client.headers(endsStream: false)
                + HTTP2Frames.frame(0x5, flags: 0x4, stream: 1, payload: [0, 0, 0, 3] + Client.block(Client.get)),
            .connectionError(Client.protocolError)
        ),
    ]

    /// What HPACK does not allow.
    static let compression = [
        undecodable(
            "hpack/2.3.3",
            "Sends a header field representation with invalid index",
            Client.block(Client.get) + [0xfe]
        ),
        undecodable(
            "hpack/4.2",
            "Sends a dynamic table size update at the end of header block",
            Client.block(Client.get) + [0x21]
        ),
        undecodable(
            "hpack/5.2",
            "Sends a Huffman-encoded string literal representation with padding longer than 7 bits",
            field([0x84, 0x49, 0x50, 0x9f, 0xff])
        ),
        undecodable(
            "hpack/5.2",
            "Sends a Huffman-encoded string literal representation padded by zero",
            field([0x83, 0x49, 0x50, 0x90])
        ),
        undecodable(
            "hpack/5.2",
            "Sends a Huffman-encoded string literal representation containing the EOS symbol",
            field([0x87, 0xff, 0xff, 0xff, 0xfd, 0x25, 0x42, 0x7f])
        ),
        undecodable(
            "hpack/6.1",
            "Sends a indexed header field representation with index 0",
            Client.block(Client.get) + [0x80]
        ),
        // 4,097: 31 in the prefix, and 4,066 (RFC 7541 §5.1).
        undecodable(
            "hpack/6.3",
            "Sends a dynamic table size update larger than the value of SETTINGS_HEADER_TABLE_SIZE",
            [0x3f, 0xe2, 0x1f] + Client.block(Client.get)
        ),
    ]

    /// `x-test` with a value, behind the fields of a request.
    private static func field(_ value: [UInt8]) -> [UInt8] {
        Client.block(Client.get) + [0x00, 6] + Array("x-test".utf8) + value
    }

    private static func undecodable(_ section: String, _ title: String, _ block: [UInt8]) -> SpecificationCase {
        SpecificationCase(section, title, Client.headers(block: block), .connectionError(Client.compressionError))
    }
}
