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

    /// About how much is written of one span, in bytes.
    private static let usualSize = 1500

    /// The request in UTF-8.
    var json: [UInt8] {
        var json = JSONBytes(capacity: Self.usualSize * (spans.count + 1))
        json.write(#"{"resourceSpans":[{"resource":{"attributes":"#)
        json.write(service.attributes)
        json.write(#"},"scopeSpans":[{"scope":{"name":"#)
        json.write(quoted: service.name)
        json.write(#","version":"#)
        json.write(quoted: service.version)
        json.write(#"},"spans":["#)
        for (index, span) in spans.enumerated() {
            if index > 0 { json.write(",") }
            json.write(span)
        }
        json.write("]}]}]}")
        return json.bytes
    }
}

extension JSONBytes {
    fileprivate mutating func write(_ span: Span) {
        write(#"{"traceId":""#)
        write(plain: span.trace.description)
        write(#"","spanId":""#)
        write(plain: span.id.description)
        if let parent = span.parent {
            write(#"","parentSpanId":""#)
            write(plain: parent.description)
        }
        write(#"","flags":"#)
        write(plain: String(span.flags))
        write(#","name":"#)
        write(quoted: span.name)
        // `SPAN_KIND_SERVER`
        write(#","kind":2,"startTimeUnixNano":""#)
        write(plain: String(span.start))
        write(#"","endTimeUnixNano":""#)
        write(plain: String(span.end))
        write(#"","attributes":"#)
        write(span.attributes)
        // `STATUS_CODE_ERROR`, or none
        write(span.isError ? #","status":{"code":2}}"# : #","status":{}}"#)
    }

    fileprivate mutating func write(_ attributes: [SpanAttribute]) {
        write("[")
        for (index, attribute) in attributes.enumerated() {
            write(index > 0 ? #",{"key":""# : #"{"key":""#)
            write(plain: attribute.name)
            write(#"","value":{"#)
            switch attribute.value {
            case .text(let text):
                write(#""stringValue":"#)
                write(quoted: text)
            case .number(let number):
                write(#""intValue":""#)
                write(plain: String(number))
                write("\"")
            case .flag(let flag): write(flag ? #""boolValue":true"# : #""boolValue":false"#)
            }
            write("}}")
        }
        write("]")
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
