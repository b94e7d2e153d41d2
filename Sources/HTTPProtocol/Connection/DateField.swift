// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
package import HTTPSemantics
internal import Synchronization

/// The `Date` field, rendered once a second (RFC 9110 §6.6.1).
package final class DateField: Sendable {
    private struct Rendered {
        var seconds: Int64 = .min
        var line: [UInt8] = []
        var block: [UInt8] = []

        init() {}

        init(_ date: HTTPDate) {
            let value = date.description
            (seconds, line) = (date.seconds, Array("date: \(value)\r\n".utf8))
            HeaderBlockEncoder.appendDate(Array(value.utf8).span, to: &block)
        }
    }

    private let now: @Sendable () -> HTTPDate
    private let rendered = Mutex(Rendered())

    /// A field that tells the present by a clock.
    package init(now: @escaping @Sendable () -> HTTPDate) {
        self.now = now
    }

    /// The field's line as HTTP/1.1 sends it.
    var line: [UInt8] { current { $0.line } }

    /// The field as a part of a header block of HTTP/2, which any connection may send at any time (RFC 7541).
    var block: [UInt8] { current { $0.block } }

    private func current<Part: Sendable>(_ part: (Rendered) -> Part) -> Part {
        let date = now()
        return rendered.withLock { rendered in
            if rendered.seconds != date.seconds { rendered = Rendered(date) }
            return part(rendered)
        }
    }
}
