// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
package import Logging

/// How a log line looks.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, for collectors.
    case json
    /// Aligned text, for people at a terminal.
    case text
}

extension Logger.MetadataValue {
    /// A date in seconds since 1970, as RFC 3339 writes it in UTC.
    package static func date(_ seconds: Int64) -> Self {
        .string(Date(timeIntervalSince1970: Double(seconds)).ISO8601Format())
    }
}
