// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// One request among many that are counted, named by the trace that its client says it belongs to.
struct Exemplar: Sendable {
    /// The trace's id: 32 lowercase hexadecimal digits.
    let trace: TraceID
    /// How long the request took, in seconds.
    let value: Double
    /// When it ended, in seconds since 1970.
    let time: Int64

    /// What follows a sample's value in OpenMetrics.
    var text: String { " # {trace_id=\"\(trace)\"} \(Exposition.number(value)) \(time)" }
}

/// The id of a trace (W3C Trace Context §3.2.2.3).
struct TraceID: Hashable, Sendable, CustomStringConvertible {
    /// 32 lowercase hexadecimal digits, not all of them 0.
    let description: String

    private static let digitCount = 32

    /// The id in a `traceparent`; nil if that is not one of any version (§3.2.2, §4.3).
    ///
    /// A text that a client sends gets into the metrics by this, so nothing else than digits passes.
    init?(traceparent: String) {
        let parts = traceparent.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[0].allSatisfy(\.isLowercaseHexadecimalDigit),
            !parts[0].elementsEqual("ff".utf8), parts.count == 4 || !parts[0].elementsEqual("00".utf8),
            parts[1].count == Self.digitCount, parts[1].allSatisfy(\.isLowercaseHexadecimalDigit),
            parts[1].contains(where: { $0 != UInt8(ascii: "0") }),
            parts[2].count == 16, parts[2].allSatisfy(\.isLowercaseHexadecimalDigit),
            parts[2].contains(where: { $0 != UInt8(ascii: "0") }),
            parts[3].count == 2, parts[3].allSatisfy(\.isLowercaseHexadecimalDigit)
        else { return nil }
        description = String(decoding: parts[1], as: UTF8.self)
    }
}
