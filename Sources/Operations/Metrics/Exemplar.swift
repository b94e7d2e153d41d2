// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// One request among many that are counted, named by the trace that its client says it belongs to.
struct Exemplar: Sendable {
    /// The trace's id.
    let trace: TraceID
    /// How long the request took, in seconds.
    let value: Double
    /// When it ended, in seconds since 1970.
    let time: Int64

    /// What follows a sample's value in OpenMetrics.
    var text: String { " # {trace_id=\"\(trace)\"} \(Exposition.number(value)) \(time)" }
}
