// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
import Testing

@Suite("An HTTP date")
struct HTTPDateTests {
    /// RFC 9110 §5.6.7 gives this instant in all three forms.
    private static let example: Int64 = 784_111_777
    private static let now = HTTPDate(seconds: 1_795_000_000)

    @Test("is sent as IMF-fixdate")
    func description() {
        #expect(HTTPDate(seconds: Self.example).description == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate(seconds: 0).description == "Thu, 01 Jan 1970 00:00:00 GMT")
        // A year has four digits.
        #expect(HTTPDate(seconds: -62_135_596_800).description == "Mon, 01 Jan 0001 00:00:00 GMT")
        #expect(HTTPDate(seconds: 951_782_400).description == "Tue, 29 Feb 2000 00:00:00 GMT")
    }

    @Test(
        "is read in the three forms of RFC 9110 §5.6.7",
        arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    )
    func forms(_ text: String) {
        #expect(HTTPDate(parsing: text, now: Self.now)?.seconds == Self.example)
    }

    @Test("with a year of two digits more than 50 years ahead is in the past")
    func shortYears() throws {
        #expect(
            HTTPDate(parsing: "Monday, 01-Jan-76 00:00:00 GMT", now: Self.now)?.description.contains("2076") == true
        )
        #expect(
            HTTPDate(parsing: "Monday, 01-Jan-77 00:00:00 GMT", now: Self.now)?.description.contains("1977") == true
        )
    }

    @Test("agrees with another calendar on every 40th day of four centuries")
    func calendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        for day in stride(from: -50_000, to: 100_000, by: 40) {
            let seconds = Int64(day) * 86400 + 12345
            let parts = calendar.dateComponents(
                [.year, .month, .day],
                from: Date(timeIntervalSince1970: Double(seconds))
            )
            let text = HTTPDate(seconds: seconds).description
            let fields = text.split(separator: " ")
            #expect(Int(fields[1]) == parts.day)
            #expect(Int(fields[3]) == parts.year)
            #expect(HTTPDate(parsing: text, now: Self.now)?.seconds == seconds)
        }
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "now", "784111777", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        ]
    )
    func malformed(_ text: String) {
        #expect(HTTPDate(parsing: text, now: Self.now) == nil)
    }
}
