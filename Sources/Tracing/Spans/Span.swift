// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Something that took time: here, a server's part of an exchange (`opentelemetry/proto/trace/v1/trace.proto`).
struct Span: Sendable {
    let trace: TraceID
    let id: SpanID
    /// The client's span; nil if it has named none.
    let parent: SpanID?
    /// The flags of the trace, and whether the parent is in another process (`SpanFlags`).
    let flags: UInt32
    /// What it is called; there are few such names.
    let name: String
    /// When it began, in nanoseconds since 1970.
    let start: Int64
    /// When it ended, in nanoseconds since 1970.
    let end: Int64
    let attributes: [SpanAttribute]
    /// Whether it failed, and that was not the client's fault alone.
    let isError: Bool
}

/// Something that is said of a span, or of whoever tells of it.
struct SpanAttribute: Sendable, Hashable {
    /// What is said.
    enum Value: Sendable, Hashable {
        case text(String)
        case number(Int)
        case flag(Bool)
    }

    /// By what name; it has nothing in it that JSON would have escaped.
    let name: String
    let value: Value

    /// An attribute from its parts.
    init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }
}
