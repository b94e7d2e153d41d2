// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import Synchronization

/// The `Date` field, rendered once a second (RFC 9110 §6.6.1).
final class DateField: Sendable {
    private struct Rendered {
        var seconds: Int64 = .min
        var value = ""
        var line: [UInt8] = []
    }

    private let now: @Sendable () -> HTTPDate
    private let rendered = Mutex(Rendered())

    init(now: @escaping @Sendable () -> HTTPDate) {
        self.now = now
    }

    /// The field's line as HTTP/1.1 sends it.
    var line: [UInt8] { current { $0.line } }

    /// The field's value.
    var value: String { current { $0.value } }

    private func current<Part: Sendable>(_ part: (Rendered) -> Part) -> Part {
        let date = now()
        return rendered.withLock { rendered in
            if rendered.seconds != date.seconds {
                let value = date.description
                rendered = Rendered(seconds: date.seconds, value: value, line: Array("date: \(value)\r\n".utf8))
            }
            return part(rendered)
        }
    }
}
