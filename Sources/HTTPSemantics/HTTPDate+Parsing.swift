// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension HTTPDate {
    /// The date that a field's value gives, in any of the three forms that a recipient must accept (RFC 9110 §5.6.7).
    ///
    /// Anything else is no date; a condition made of it is ignored.
    ///
    /// - Parameters:
    ///   - value: The field's value.
    ///   - now: The present, by which a year of two digits is told: one that seems more than 50 years ahead is past.
    package init?(parsing value: String, now: HTTPDate) {
        let parts = value.split(separator: " ")
        switch parts.count {
        case 6: self.init(fixdate: parts)
        case 4: self.init(obsoleteRFC850: parts, now: now)
        case 5: self.init(asctime: parts)
        default: return nil
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private init?(fixdate parts: [Substring]) {
        guard parts[0].count == 4, parts[0].last == ",", Self.dayNames.contains(String(parts[0].dropLast())),
            parts[1].count == 2, parts[3].count == 4, parts[5] == "GMT", let year = Int64(digits: parts[3])
        else { return nil }
        self.init(year: year, month: parts[2], day: parts[1], clock: parts[4])
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    private init?(obsoleteRFC850 parts: [Substring], now: HTTPDate) {
        let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard parts[0].last == ",", parts[0].hasSuffix("day,"), Self.dayNames.contains(String(parts[0].prefix(3))),
            parts[3] == "GMT", date.count == 3, date[0].count == 2, date[2].count == 2,
            let shortYear = Int64(digits: date[2])
        else { return nil }
        let thisYear = CivilDate(daysSince1970: now.seconds / 86400).year
        var year = thisYear - thisYear % 100 + shortYear
        if year > thisYear + 50 { year -= 100 }
        self.init(year: year, month: date[1], day: date[0], clock: parts[2])
    }

    /// `Sun Nov  6 08:49:37 1994`.
    private init?(asctime parts: [Substring]) {
        guard Self.dayNames.contains(String(parts[0])), (1...2).contains(parts[2].count), parts[4].count == 4,
            let year = Int64(digits: parts[4])
        else { return nil }
        self.init(year: year, month: parts[1], day: parts[2], clock: parts[3])
    }

    private init?(year: Int64, month: Substring, day: Substring, clock: Substring) {
        let time = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard let month = Self.monthNames.firstIndex(of: String(month)), let day = Int64(digits: day),
            time.count == 3, time.allSatisfy({ $0.count == 2 }),
            let hour = Int64(digits: time[0]), let minute = Int64(digits: time[1]), let second = Int64(digits: time[2]),
            // A leap second is legal (RFC 9110 §5.6.7 by way of RFC 5322 §3.3).
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let date = CivilDate(year: year, month: Int64(month) + 1, day: day)
        guard CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
        self.init(seconds: ((date.daysSince1970 * 24 + hour) * 60 + minute) * 60 + second)
    }
}

extension Int64 {
    /// The number that a text of decimal digits spells; unlike `Int64.init`, it takes no sign.
    fileprivate init?(digits text: Substring) {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        self.init(text)
    }
}
