// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
package import HTTPSemantics

/// The `Date` field on one thread, rendered once a second (RFC 9110 §6.6.1).
package final class DateField {
    private let now: @Sendable () -> HTTPDate
    /// Of which date it is rendered, in seconds since 1970.
    private var seconds = Int64.min
    private var renderedLine: [UInt8] = []
    private var renderedLastLine: [UInt8] = []
    private var renderedBlock: [UInt8] = []

    /// A field that tells the present by a clock.
    package init(now: @escaping @Sendable () -> HTTPDate) {
        self.now = now
    }

    /// The field's line as HTTP/1.1 sends it.
    var line: [UInt8] {
        renderIfOutdated()
        return renderedLine
    }

    /// The field's line as HTTP/1.1 sends it, and the empty line that ends a head.
    var lastLine: [UInt8] {
        renderIfOutdated()
        return renderedLastLine
    }

    /// The field as a part of a header block of HTTP/2, which any connection may send at any time (RFC 7541).
    var block: [UInt8] {
        renderIfOutdated()
        return renderedBlock
    }

    private func renderIfOutdated() {
        let date = now()
        if date.seconds != seconds { render(date) }
    }

    private func render(_ date: HTTPDate) {
        let value = date.description
        var block: [UInt8] = []
        HeaderBlockEncoder.appendDate(Array(value.utf8).span, to: &block)
        (seconds, renderedBlock) = (date.seconds, block)
        renderedLine = Array("date: \(value)\r\n".utf8)
        renderedLastLine = renderedLine + Array("\r\n".utf8)
    }
}
