// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// What a collector is sent: spans, and who tells of them (OTLP, `ExportTraceServiceRequest`).
///
/// It is written as OTLP has JSON: ids in hexadecimal digits, enumerations as numbers, numbers of 64 bits as strings (OTLP
/// specification, "JSON Protobuf Encoding").
struct ExportRequest {
    /// Who tells.
    let service: TracedService
    let spans: [Span]

    /// `SPAN_KIND_SERVER`.
    private static let serverKind = 2
    /// `STATUS_CODE_ERROR`.
    private static let errorCode = 2

    /// The request in UTF-8.
    var json: [UInt8] {
        let scope = "{\"name\":\(JSONText.quoted(service.name)),\"version\":\(JSONText.quoted(service.version))}"
        let spans = spans.map(Self.json).joined(separator: ",")
        return Array(
            """
            {"resourceSpans":[{"resource":{"attributes":\(Self.json(service.attributes))},\
            "scopeSpans":[{"scope":\(scope),"spans":[\(spans)]}]}]}
            """.utf8
        )
    }

    private static func json(_ span: Span) -> String {
        let parent = span.parent.map { "\"parentSpanId\":\"\($0)\"," } ?? ""
        let status = span.isError ? "{\"code\":\(errorCode)}" : "{}"
        return """
            {"traceId":"\(span.trace)","spanId":"\(span.id)",\(parent)"flags":\(span.flags),\
            "name":\(JSONText.quoted(span.name)),"kind":\(serverKind),\
            "startTimeUnixNano":"\(span.start)","endTimeUnixNano":"\(span.end)",\
            "attributes":\(json(span.attributes)),"status":\(status)}
            """
    }

    private static func json(_ attributes: [SpanAttribute]) -> String {
        let members = attributes.map { "{\"key\":\"\($0.name)\",\"value\":{\(json($0.value))}}" }
        return "[\(members.joined(separator: ","))]"
    }

    private static func json(_ value: SpanAttribute.Value) -> String {
        switch value {
        case .text(let text): "\"stringValue\":\(JSONText.quoted(text))"
        case .number(let number): "\"intValue\":\"\(number)\""
        case .flag(let flag): "\"boolValue\":\(flag)"
        }
    }
}

/// Who tells of spans (OpenTelemetry's semantic conventions for resources, "Service").
package struct TracedService: Sendable {
    let name = "wasm-server"
    let version: String
    /// Which process it is.
    let instance: String

    /// A process of the server.
    package init(version: String, instance: String) {
        (self.version, self.instance) = (version, instance)
    }

    fileprivate var attributes: [SpanAttribute] {
        [
            SpanAttribute("service.name", .text(name)), SpanAttribute("service.version", .text(version)),
            SpanAttribute("service.instance.id", .text(instance)),
        ]
    }

    /// The `User-Agent` of its requests to a collector.
    var userAgent: String { "\(name)/\(version)" }
}
