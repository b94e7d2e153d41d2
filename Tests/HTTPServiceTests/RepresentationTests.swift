// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@Suite("A representation")
struct RepresentationTests {
    private static let plain = Array("hello\n".utf8)
    /// What gzip 1.12 makes of it.
    private static let zipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00,
        0x20,
        0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
    ]

    private static let both = Representation(
        Variant(body: .bytes(SharedBytes(plain)), digest: Digest(of: plain), mediaType: "text/plain"),
        or: [
            Variant(
                body: .bytes(SharedBytes(zipped)),
                digest: Digest(of: zipped),
                mediaType: "text/plain",
                contentCoding: "gzip"
            )
        ],
        caching: .revalidate
    )

    private static func tag(_ bytes: [UInt8]) -> String { "\"sha256:\(Digest(of: bytes))\"" }

    @Test("of one variant is sent as ever, whatever a client prefers: nothing tells that there could be others")
    func single() {
        let representation = Representation(
            body: .bytes(SharedBytes(Self.plain)),
            digest: Digest(of: Self.plain),
            mediaType: "text/plain",
            caching: .revalidate
        )
        let digest = Digest(of: Self.plain)
        let expected = """
            HTTP/1.1 200 OK\r
            content-length: 6\r
            content-type: text/plain\r
            repr-digest: sha-256=:\(digest.base64):\r
            accept-ranges: bytes\r
            x-content-type-options: nosniff\r
            cache-control: no-cache\r
            etag: "sha256:\(digest)"\r

            """
        let picky = [("accept", "image/png"), ("accept-encoding", "gzip, identity;q=0"), ("accept-language", "fr")]
        for fields in [[], picky] {
            let response = Self.answer(of: representation, fields)
            #expect(String(decoding: response.head.http1, as: UTF8.self) == expected)
            let notModified = Self.answer(of: representation, fields + [("if-none-match", Self.tag(Self.plain))])
            #expect(notModified.head.fields.map(\.name) == ["cache-control", "etag"])
        }
    }

    @Test(
        "of several variants is sent as the one that a client prefers, and tells caches by what (RFC 9110 §12.5.5)",
        arguments: [([], false), (["gzip"], true), (["br", "gzip"], true), (["identity;q=0, gzip;q=0"], false)]
    )
    func variants(_ encodings: [String], _ isZipped: Bool) {
        let fields = encodings.map { ("accept-encoding", $0) }
        let (content, other) = isZipped ? (Self.zipped, Self.plain) : (Self.plain, Self.zipped)
        let response = Self.answer(of: Self.both, fields)
        #expect(response.head.status == .ok && Self.content(of: response) == content)
        #expect(response.head["vary"] == "accept-encoding")
        #expect(response.head["content-encoding"] == (isZipped ? "gzip" : nil))
        #expect(response.head["content-length"] == "\(content.count)")
        // §8.8.3.3: tags of different codings differ. RFC 9530 §3: the digest is that of the coded bytes.
        #expect(response.head["etag"] == Self.tag(content))
        #expect(response.head["repr-digest"] == "sha-256=:\(Digest(of: content).base64):")

        // §13.1.2: conditions are about the variant that is chosen; §15.4.5: a 304 has `Vary`, too.
        let notModified = Self.answer(of: Self.both, fields + [("if-none-match", Self.tag(content))])
        #expect(notModified.head.status == .notModified && notModified.head["vary"] == "accept-encoding")
        #expect(notModified.head["etag"] == Self.tag(content))
        #expect(Self.answer(of: Self.both, fields + [("if-none-match", Self.tag(other))]).head.status == .ok)
        #expect(Self.answer(of: Self.both, fields + [("if-match", Self.tag(other))]).head.status == .preconditionFailed)

        // §14.2: a range is one of the bytes as they are coded.
        let part = Self.answer(of: Self.both, fields + [("range", "bytes=1-3"), ("if-range", Self.tag(content))])
        #expect(part.head.status == .partialContent && Self.content(of: part) == Array(content[1...3]))
        #expect(part.head["vary"] == "accept-encoding")
        #expect(part.head["content-range"] == "bytes 1-3/\(content.count)")
        #expect(part.head["content-encoding"] == (isZipped ? "gzip" : nil))
        let whole = Self.answer(of: Self.both, fields + [("range", "bytes=1-3"), ("if-range", Self.tag(other))])
        #expect(whole.head.status == .ok)
    }

    @Test("of several languages and media types has a tag for each, be they the same bytes")
    func sameBytes() throws {
        let variants = [("text/html", "en"), ("text/html", "de"), ("text/plain", "de")].map { type, language in
            Variant(
                body: .bytes(SharedBytes(Self.plain)),
                digest: Digest(of: Self.plain),
                mediaType: type,
                contentLanguage: language
            )
        }
        let representation = Representation(variants[0], or: Array(variants[1...]), caching: .revalidate)
        let answers = [("text/html", "en"), ("text/html", "de"), ("text/plain", "de")].map { type, language in
            Self.answer(of: representation, [("accept", type), ("accept-language", language)])
        }
        #expect(answers.map { $0.head["content-type"] } == ["text/html", "text/html", "text/plain"])
        #expect(answers.map { $0.head["content-language"] } == ["en", "de", "de"])
        #expect(answers.allSatisfy { $0.head["vary"] == "accept, accept-language" })
        #expect(Set(answers.map { $0.head["etag"] }).count == 3)
        #expect(answers.allSatisfy { EntityTag($0.head["etag"] ?? "") != nil })
    }

    private static func answer(of representation: Representation, _ lines: [(String, String)]) -> Response {
        var fields = RequestFields()
        for (name, value) in lines {
            fields.add(name: name, value: value, reading: FieldSelection(hasNegotiation: true))
        }
        return representation.response(to: Request(method: .get, path: "/", fields: fields)) {
            HTTPDate(seconds: 1_795_000_000)
        }
    }

    private static func content(of response: Response) -> [UInt8] {
        guard case .bytes(let bytes) = response.body else { return [] }
        return bytes.array
    }
}
