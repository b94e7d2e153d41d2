// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// A moment by two clocks: one that people read, and one that nobody sets.
///
/// What is kept must not be lost because the wall clock was set.
package struct ClockReading: Sendable {
    /// Seconds since 1970.
    package let date: Int64
    /// Seconds since some moment before the program began; they go on evenly.
    package let uptime: Int64

    /// A moment by both clocks.
    package init(date: Int64, uptime: Int64) {
        self.date = date
        self.uptime = uptime
    }

    /// The present.
    package static var now: ClockReading { ClockReading(date: platform_seconds(), uptime: platform_uptime_seconds()) }

    /// What the uptime was at a date, which is past; whoever tells of one may tell any.
    func uptime(at date: Int64) -> Int64 { uptime.saturatingMinus(max(self.date.saturatingMinus(date), 0)) }

    /// What the date was at an uptime, if the clock was not set since.
    func date(at uptime: Int64) -> Int64 { date.saturatingMinus(self.uptime.saturatingMinus(uptime)) }
}

extension Int64 {
    /// The difference, or the nearest number that there is.
    fileprivate func saturatingMinus(_ other: Int64) -> Int64 {
        let (difference, isTooLarge) = subtractingReportingOverflow(other)
        return isTooLarge ? (other > 0 ? .min : .max) : difference
    }
}
