// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import Tracing

/// Against the OTLP specification, "JSON Protobuf Encoding".
@Suite("What a collector is sent")
struct ExportRequestTests {
    private static let service = TracedService(version: "1.2.3", instance: "d1")

    private static func text(_ spans: [Span]) -> String {
        String(decoding: ExportRequest(service: service, spans: spans).json, as: UTF8.self)
    }

    @Test("is JSON with ids in hexadecimal digits, enumerations as numbers, and large numbers as strings")
    func example() throws {
        let span = Span(
            trace: try #require(TraceID(high: 0x5b8e_fff7_9803_8103, low: 0xd269_b633_813f_c60c)),
            id: try #require(SpanID(0xeee1_9b7e_c3c1_b174)),
            parent: SpanID(0xeee1_9b7e_c3c1_b173),
            flags: 0x301,
            name: "GET /plugin.wasm",
            start: 1_544_712_660_000_000_000,
            end: 1_544_712_661_000_000_000,
            attributes: [
                SpanAttribute("a", .text("b")), SpanAttribute("c", .number(-1)), SpanAttribute("d", .flag(true)),
            ],
            isError: true
        )
        #expect(
            Self.text([span])
                == """
                {"resourceSpans":[{"resource":{"attributes":[\
                {"key":"service.name","value":{"stringValue":"wasm-server"}},\
                {"key":"service.version","value":{"stringValue":"1.2.3"}},\
                {"key":"service.instance.id","value":{"stringValue":"d1"}}]},\
                "scopeSpans":[{"scope":{"name":"wasm-server","version":"1.2.3"},"spans":[\
                {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",\
                "parentSpanId":"eee19b7ec3c1b173","flags":769,"name":"GET /plugin.wasm","kind":2,\
                "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000",\
                "attributes":[{"key":"a","value":{"stringValue":"b"}},{"key":"c","value":{"intValue":"-1"}},\
                {"key":"d","value":{"boolValue":true}}],"status":{"code":2}}]}]}]}
                """
        )
    }

    @Test(
        "says what a client sent as it was, and is JSON whatever that is",
        arguments: [
            "\"}],\"name\":\"x", "\\", "\u{0}\u{1}\u{7f}\r\n\t", "\u{202e}\u{2028}\u{fffd}", "é🙂", "a\u{300}\u{300}",
            String(decoding: [0xff, 0xfe, 0x41], as: UTF8.self),
        ]
    )
    func hostile(_ text: String) throws {
        let exchange = Exchange.example(.notFound, nil, path: "/\(text).wasm", fields: [("user-agent", text)])
        let span = try #require(Span.example(of: exchange))
        let document = Self.text([span])
        #expect(document.unicodeScalars.allSatisfy { !$0.steersDisplay })
        let object = try JSONSerialization.jsonObject(with: Data(document.utf8))
        let values = Self.strings(in: object)
        #expect(values.contains(text) && values.contains("/\(text).wasm"))
    }

    @Test("is at most a few kilobytes for a span, whatever the client sent")
    func size() throws {
        let long = String(repeating: "\u{85}", count: 10_000)
        let fields = ["user-agent", "x-request-id", "x-forwarded-for", "traceparent"].map { ($0, long) }
        let exchange = Exchange.example(
            .notFound,
            nil,
            method: .other(long),
            path: "/\(String(repeating: "a", count: 10_000)).wasm",
            fields: fields
        )
        // Such a path does not end as a module's does, as far as it is kept.
        #expect(Span.example(of: exchange) == nil)
        let other = Exchange.example(.notFound, .missing(.name), method: .other(long), path: "/\(long)", fields: fields)
        let span = try #require(Span.example(of: other))
        #expect(Self.text([span]).utf8.count < 5000)
    }

    private static func strings(in object: Any) -> [String] {
        switch object {
        case let text as String: [text]
        case let list as [Any]: list.flatMap(strings)
        case let members as [String: Any]: members.values.flatMap(strings)
        default: []
        }
    }
}
