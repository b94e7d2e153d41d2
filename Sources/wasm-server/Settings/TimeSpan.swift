// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A length of time as people write it: `5` (seconds), `5s`, `500ms`, `2m`, `1h`, `1d`.
struct TimeSpan: Equatable {
    /// How long it is.
    let duration: Duration

    /// Each unit, in milliseconds.
    private static let units: [Substring: Int64] = [
        "ms": 1, "s": 1000, "": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]

    /// The time that a text spells; nil for anything else, and beyond what a duration holds.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int64(digits), let factor = Self.units[unit] else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        duration = .milliseconds(milliseconds)
    }

    /// A time as people write it, in the largest unit of which it is a whole number: `24h`.
    static func text(_ duration: Duration) -> String {
        let milliseconds = Int64(duration / .milliseconds(1))
        for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        where milliseconds > 0 && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
