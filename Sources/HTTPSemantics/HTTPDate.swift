// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A date as HTTP writes it: whole seconds, in GMT (RFC 9110 §5.6.7).
package struct HTTPDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64

    /// The date so many seconds after 1970-01-01T00:00:00Z.
    package init(seconds: Int64) {
        self.seconds = seconds
    }

    static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let secondsPerDay: Int64 = 86400

    /// The date in the one form that is sent, IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var description: String {
        let (day, time) = seconds.quotientAndFloorRemainder(dividingBy: Self.secondsPerDay)
        let civil = CivilDate(daysSince1970: day)
        // 1970-01-01 was a Thursday.
        let weekday = Self.dayNames[Int((day + 4).quotientAndFloorRemainder(dividingBy: 7).remainder)]
        let clock = [time / 3600, time / 60 % 60, time % 60].map(Self.twoDigits).joined(separator: ":")
        let date =
            "\(Self.twoDigits(civil.day)) \(Self.monthNames[Int(civil.month) - 1]) \(Self.fourDigits(civil.year))"
        return "\(weekday), \(date) \(clock) GMT"
    }

    /// Orders by time.
    package static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.seconds < right.seconds }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func fourDigits(_ number: Int64) -> String {
        String(repeating: "0", count: max(0, 4 - "\(number)".count)) + "\(number)"
    }
}
