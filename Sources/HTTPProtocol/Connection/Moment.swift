// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform

/// A time on a clock that is never set, in nanoseconds.
///
/// `ContinuousClock.Instant` says the same, but its layout is known at run time only; each request has several.
package struct Moment: Comparable, Sendable {
    /// Since the clock began.
    private let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The present.
    package static var now: Moment { Moment(nanoseconds: platform_uptime_nanoseconds()) }

    package static func < (first: Moment, second: Moment) -> Bool { first.nanoseconds < second.nanoseconds }

    /// How long it is from the second to the first; at most 292 years.
    package static func - (first: Moment, second: Moment) -> Duration {
        let (difference, isTooLong) = first.nanoseconds.subtractingReportingOverflow(second.nanoseconds)
        return .nanoseconds(isTooLong ? (first < second ? .min : .max) : difference)
    }

    /// So much later; at most the latest there is, after 292 years.
    package static func + (moment: Moment, duration: Duration) -> Moment {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLate) = moment.nanoseconds.addingReportingOverflow(whole)
        guard !isTooLong, !isTooLate else { return Moment(nanoseconds: seconds < 0 ? .min : .max) }
        let (later, isLatest) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
        return Moment(nanoseconds: isLatest ? .max : later)
    }
}
