// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

/// RFC 9110 §12.5 as tables: what a client says, and what it is sent.
@Suite("Which variant a client is sent")
struct ContentNegotiationTests {
    // MARK: Codings

    @Test(
        "has a coding that it accepts, and none if it asks for none",
        arguments: [
            // §12.5.3, rule 1: without the field any coding is acceptable; but then, so is none.
            (nil, nil),
            // Its examples.
            ("compress, gzip", "gzip"), ("", nil), ("compress;q=0.5, gzip;q=1.0", "gzip"),
            ("gzip;q=1.0, identity; q=0.5, *;q=0", "gzip"), ("*", nil),
            // Rules 2 and 3: none is acceptable unless it is ruled out by its name or by `*`.
            ("gzip", "gzip"), ("GZIP", "gzip"), ("gzip;q=0", nil), ("br", nil), ("identity", nil),
            ("identity;q=0, gzip", "gzip"), ("*;q=0, gzip", "gzip"), ("gzip;q=0.5, identity", nil),
            ("gzip;q=0.5, identity;q=0.4", "gzip"), ("identity;q=0.1, *;q=0.2", "gzip"), ("*;q=0, identity", nil),
            // §8.4.1.3.
            ("x-gzip", "gzip"),
            // None is acceptable, and nobody is refused.
            ("identity;q=0", "gzip or nil"), ("*;q=0", "gzip or nil"), ("identity;q=0, gzip;q=0", "gzip or nil"),
            // §12.4.2: weights that are none. What has one is left out.
            ("gzip;q=1.001", nil), ("gzip;q=2", nil), ("gzip;q=-1", nil), ("gzip;q=.5", nil), ("gzip;q=0.1234", nil),
            ("gzip;q=", nil), ("gzip;q", nil), ("gzip;q=0,5", nil), ("gzip;q=1e0", nil), ("gzip;q=NaN", nil),
            ("gzip;q=1;q=0", nil), ("gzip;level=9", nil), ("gzip;q=\"1", nil),
            // Those that are.
            ("gzip;q=1.", "gzip"), ("gzip;q=0.", nil), ("gzip;q=0.000", nil), ("gzip;q=1.000", "gzip"),
            ("gzip ; Q=0.5", "gzip"), ("gzip;q=0.002", "gzip"),
            // §5.6.1.2, §5.3: empty elements, and lines that were joined.
            (",, gzip ,,", "gzip"), (" , ", nil), ("br, gzip;q=0, gzip", nil), ("deflate, , \tgzip", "gzip"),
        ] as [(String?, String?)]
    )
    func codings(_ field: String?, _ expected: String?) {
        let (identity, gzip) = (Self.coded(nil), Self.coded("gzip"))
        for variants in [[identity, gzip], [gzip, identity]] {
            let chosen = Self.choice(among: variants, [.acceptEncoding: field])
            switch (field, expected) {
            case (_, "gzip or nil"): #expect(chosen == variants[0])
            case ("*", _): #expect(chosen == variants[0], "both are as good")
            default: #expect(chosen.contentCoding == expected)
            }
        }
    }

    // MARK: Media types

    /// RFC 9110 §12.5.1, with erratum 7138.
    @Test("has the media type to which the most specific range gives the higher weight")
    func weights() {
        let field =
            "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
        let weights: KeyValuePairs = [
            "text/plain;format=flowed": 1, "text/plain": 0.7, "text/html": 0.3, "image/jpeg": 0.5,
            "text/plain;format=fixed": 0.4, "text/html;level=3": 0.3,
        ]
        for (first, weight) in weights {
            for (second, other) in weights where first != second {
                let expected = weight >= other ? first : second
                #expect(Self.mediaType(among: [first, second], field) == expected, "\(first) or \(second)")
            }
        }
    }

    @Test(
        "has the first media type where none is preferred, and none of them is refused",
        arguments: [
            ("audio/*; q=0.2, audio/basic", ["audio/mp4", "audio/basic"], 1),
            ("text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c", ["text/plain", "text/x-dvi", "text/x-c"], 2),
            ("text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c", ["text/x-c", "text/html"], 0),
            (nil, ["application/json", "text/html"], 0), ("", ["application/json", "text/html"], 0),
            ("*/*", ["application/json", "text/html"], 0), ("image/png", ["application/json", "text/html"], 0),
            ("text/html;q=7", ["application/json", "text/html"], 0),
            ("TEXT/HTML", ["application/json", "text/html"], 1),
            ("application/json;q=0, */*", ["application/json", "text/html"], 1),
            ("text/html;q=0.1;level=1", ["application/json", "text/html"], 0),
            ("text/html;charset=\"UTF-8\"", ["application/json", "text/html; charset=utf-8"], 1),
            ("a/b;c=\",;\\\"\", text/html", ["application/json", "text/html"], 1),
            ("*/html", ["application/json", "text/html"], 0), ("text/*", ["application/json", "textual/html"], 0),
        ] as [(String?, [String], Int)]
    )
    func mediaTypes(_ field: String?, _ types: [String], _ expected: Int) {
        #expect(Self.mediaType(among: types, field) == types[expected])
    }

    // MARK: Languages

    @Test(
        "has the language that it prefers (RFC 9110 §12.5.4, RFC 4647)",
        arguments: [
            // "I prefer Danish, but will accept British English and other types of English."
            ("da, en-gb;q=0.8, en;q=0.7", ["en", "da"], 1), ("da, en-gb;q=0.8, en;q=0.7", ["en-US", "en-GB"], 1),
            ("da, en-gb;q=0.8, en;q=0.7", ["fr", "en-AU"], 1),
            // RFC 4647 §3.3.1: "de-de" matches "de-DE-1996", but not "de-Deva".
            ("de-de", ["de-Deva", "de-DE-1996"], 1),
            // §3.4: ranges are shortened until something is found.
            ("zh-Hant-CN-x-private1-private2", ["en", "zh-Hant"], 1), ("en-GB, fr;q=0.9", ["fr", "en"], 1),
            ("en-GB;q=0, *;q=0.5", ["fr", "en"], 0), ("eng", ["fr", "en"], 0),
            // Those that are named are better than all others.
            ("*, fr;q=0.5", ["fr", "en"], 1), ("*;q=0.5, fr;q=0.1", ["fr", "en"], 1), ("fr;q=0, *", ["fr", "en"], 1),
            (nil, ["fr", "en"], 0), ("", ["fr", "en"], 0), ("de", ["fr", "en"], 0), ("EN", ["fr", "en"], 1),
        ] as [(String?, [String], Int)]
    )
    func languages(_ field: String?, _ tags: [String], _ expected: Int) {
        let variants = tags.map { VariantProperties(mediaType: "text/html", contentLanguage: $0) }
        #expect(Self.choice(among: variants, [.acceptLanguage: field]) == variants[expected])
    }

    // MARK: Several of them

    @Test(
        "is acceptable by every field by which any is",
        arguments: [
            ("gzip", "de", "gzip", "de"), (nil, "de", nil, "de"), ("gzip", "fr", "gzip", "en"), ("br", "fr", nil, "en"),
            ("gzip;q=0.5, identity;q=0.1", "de;q=0.1, en", "gzip", "en"),
        ] as [(String?, String, String?, String)]
    )
    func several(_ encoding: String?, _ language: String, _ coding: String?, _ tag: String) {
        let variants = [nil, "gzip"].flatMap { coding in
            ["en", "de"].map {
                VariantProperties(mediaType: "text/html", contentCoding: coding, contentLanguage: $0)
            }
        }
        let chosen = Self.choice(among: variants, [.acceptEncoding: encoding, .acceptLanguage: language])
        #expect(chosen.contentCoding == coding && chosen.contentLanguage == tag)
    }

    @Test("depends on those fields only by which variants differ, and tells so (RFC 9110 §12.5.5)")
    func distinguishing() {
        let (html, gzip) = (Self.coded(nil), Self.coded("gzip"))
        let german = VariantProperties(mediaType: "text/html", contentLanguage: "de")
        #expect(ContentNegotiation.fields(distinguishing: [html]) == [])
        #expect(ContentNegotiation.fields(distinguishing: [html, gzip]) == [.acceptEncoding])
        #expect(ContentNegotiation.fields(distinguishing: [html, german]) == [.acceptLanguage])
        #expect(ContentNegotiation.fields(distinguishing: [html, gzip, german]) == [.acceptEncoding, .acceptLanguage])
        let fields: [NegotiationFields.Name: String?] = [.accept: "text/html;q=0", .acceptLanguage: "de"]
        #expect(Self.choice(among: [html, gzip], fields) == html)
    }

    @Test("depends on the first 64 members of a field, whatever its length")
    func limits() {
        let variants = [Self.coded(nil), Self.coded("gzip")]
        func coding(_ field: String) -> String? {
            Self.choice(among: variants, [.acceptEncoding: field]).contentCoding
        }
        #expect(coding(String(repeating: "br, ", count: 63) + "gzip") == "gzip")
        #expect(coding(String(repeating: "br, ", count: 64) + "gzip") == nil)
        // A test that does not end would take a square of these.
        let size = 1 << 20
        #expect(coding(String(repeating: ",", count: size) + "gzip") == "gzip")
        #expect(coding("br" + String(repeating: ";a=\"\\\"\"", count: size) + ", gzip") == "gzip")
        #expect(coding(String(repeating: "\"", count: size + 1) + ", gzip") == nil)
        #expect(coding(String(repeating: " ", count: size) + "gzip") == "gzip")
    }

    // MARK: -

    private static func coded(_ coding: String?) -> VariantProperties {
        VariantProperties(mediaType: "text/html", contentCoding: coding)
    }

    private static func mediaType(among types: [String], _ field: String?) -> String {
        choice(among: types.map { VariantProperties(mediaType: $0) }, [.accept: field]).mediaType
    }

    private static func choice(
        among variants: [VariantProperties],
        _ lines: [NegotiationFields.Name: String?]
    ) -> VariantProperties {
        var fields = NegotiationFields()
        for case (let name, let value?) in lines { fields.add(name, value) }
        return variants[ContentNegotiation.choice(among: variants, by: fields)]
    }
}
