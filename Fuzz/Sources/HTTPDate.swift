// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import HTTPSemantics

extension FuzzTarget {
    /// A date in any of its three forms.
    static let httpDate = FuzzTarget("http-date") { text in
        let now = HTTPDate(seconds: 1_793_000_000)
        guard let date = HTTPDate(parsing: text, now: now) else { return }
        // 23:59:60 on the last day that has four digits is the one date that cannot be written.
        guard date.seconds < 253_402_300_800 else { return }
        require(HTTPDate(parsing: date.description, now: now) == date, "\(date) is read as it is written")
        if let seconds = seconds(in: text) {
            require(date.seconds == seconds, "\(date) is \(seconds) to the C library")
        } else {
            require(text.contains("day,"), "the C library reads the two forms with four digits")
            require(date.seconds < now.seconds + 51 * 366 * 86400, "two digits are no year in the far future")
        }
    }

    /// The date as the C library counts it, in the two forms that name a century.
    private static func seconds(in text: String) -> Int64? {
        let parts = text.split(separator: " ")
        let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
        let (fixdate, asctime) = (parts.count == 6, parts.count == 5)
        guard fixdate || asctime, numbers.count == 5 else { return nil }
        let month = months.firstIndex { $0 == parts[fixdate ? 2 : 1] }
        let (year, clock) = fixdate ? (numbers[1], numbers[2...]) : (numbers[4], numbers[1...3])
        var time = unsafe tm()
        unsafe time.tm_year = year - 1900
        unsafe time.tm_mon = month.map(Int32.init) ?? 0
        unsafe time.tm_mday = numbers[0]
        unsafe time.tm_hour = clock[clock.startIndex]
        unsafe time.tm_min = clock[clock.startIndex + 1]
        unsafe time.tm_sec = clock[clock.startIndex + 2]
        return unsafe Int64(timegm(&time))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
