// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A number of bytes as people write it: `1048576`, `64MiB`, `32MB`.
struct ByteCount: Equatable {
    /// In bytes.
    let bytes: Int

    private static let units = [
        "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
        "kB": 1000, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000,
        "B": 1, "": 1,
    ]

    /// The number that a text spells; nil for anything else, and beyond what an integer holds.
    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int(digits), let factor = Self.units[String(unit)] else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    /// A number of bytes as people write it, in the largest unit of which it is a whole number: `256MiB`.
    static func text(_ bytes: Int) -> String {
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes > 0 && bytes % size == 0
        {
            return "\(bytes / size)\(unit)"
        }
        return "\(bytes)B"
    }
}

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
