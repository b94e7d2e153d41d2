// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

/// A time as this server's documents write it: RFC 3339, in UTC and whole seconds.
package enum Timestamp {
    private static let form = "2026-11-24T02:31:37Z"

    /// The text of a time, in seconds since 1970.
    package static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }

    /// The seconds since 1970 at a time; nil if it is written otherwise.
    package static func seconds(_ text: String) -> Int64? {
        guard text.utf8.count == form.utf8.count, text.hasSuffix("Z"),
            let date = try? Date.ISO8601FormatStyle().parse(text)
        else { return nil }
        return Int64(exactly: date.timeIntervalSince1970)
    }
}
