// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

extension FuzzTarget {
    /// A `traceparent`, whose ids get into metrics and traces.
    static let traceContext = FuzzTarget("trace-context") { text in
        guard let context = TraceContext(traceparent: text) else { return }
        let (trace, parent) = (context.trace.description, context.parent.description)
        require(text.hasPrefix("\(text.prefix(2))-\(trace)-\(parent)-"), "\(trace) and \(parent) are as they were sent")
        require(trace.utf8.count == 32 && parent.utf8.count == 16, "\(trace) and \(parent) have all digits")
        require(text.utf8.count == 55 || !text.hasPrefix("00"), "version 00 ends with its flags")
    }
}
